"""Stop what a withdrawn consent allowed, when its three days are over."""

from typing import Final

from services.registry.domain.consent import leaves_without_grounds
from services.registry.storage import grounds, requests, restriction
from shared import audit
from shared.auth import service_actor
from shared.database import Tx

BATCH: Final = 200
CLOCK: Final = service_actor("registry")


async def stop_processing(*, tx: Tx) -> int:
    """End one batch of grounds that are due, each once whoever else goes round; how many.

    A record that nothing else allows to keep for service is restricted: lists, searches and
    look-alikes leave it out, and only Dinsos and the data protection officer open it. Referrals of
    it that are under way stay, and with them what their holders read.
    """
    stopped = await grounds.stop_due(tx, BATCH)
    if not stopped:
        return 0
    await requests.close_stopped(tx, [one.id for one in stopped])
    people = list(dict.fromkeys(one.beneficiary_id for one in stopped))
    await audit.record(tx, CLOCK, "protection.processing_stopped", people)
    left = await grounds.purposes_in_force(tx, people)
    bare = [one for one in people if leaves_without_grounds(left[one])]
    restricted = await restriction.restrict(tx, bare)
    await audit.record(tx, CLOCK, "protection.restricted", restricted)
    return len(stopped)
