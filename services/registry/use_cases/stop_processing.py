"""Stop what a withdrawn consent allowed, when its three days are over."""

from typing import Final

from services.registry.domain.consent import leaves_without_grounds
from services.registry.storage import grounds, merges, requests, restriction
from shared import audit
from shared.auth import service_actor
from shared.database import Tx

BATCH: Final = 200
CLOCK: Final = service_actor("registry")


async def stop_processing(*, tx: Tx) -> int:
    """End one batch of grounds that are due, each once whoever else goes round; how many.

    A record that nothing else allows to keep for service is restricted: lists, searches and
    look-alikes leave it out, and only Dinsos and the data protection officer open it, with every
    other that is the same person. Referrals of it that are under way stay, and with them what their
    holders read.
    """
    await merges.hold(tx)
    stopped = await grounds.stop_due(tx, BATCH)
    if not stopped:
        return 0
    await requests.close_stopped(tx, [one.id for one in stopped])
    people = list(dict.fromkeys(one.beneficiary_id for one in stopped))
    await audit.record(tx, CLOCK, "protection.processing_stopped", people)
    remaining = await merges.remaining(tx, people)
    left = await grounds.purposes_in_force(tx, {remaining.get(one, one) for one in people})
    bare = [one for one, purposes in left.items() if leaves_without_grounds(purposes)]
    restricted = await restriction.restrict(tx, await merges.whole(tx, bare))
    await audit.record(tx, CLOCK, "protection.restricted", restricted)
    return len(stopped)
