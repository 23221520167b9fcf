"""Names for records another screen refers to by id."""

from collections.abc import Sequence
from uuid import UUID

from services.registry.storage import summaries
from services.registry.storage.summaries import Summary
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action


async def look_up_names(ids: Sequence[UUID], *, tx: Tx, actor: Actor) -> dict[UUID, Summary]:
    """Those of the records the caller may read, with the read in the trail of each.

    Under the id asked for stands the record that remains, where that one was merged.
    """
    found = await summaries.of(tx, actor, ids, Action.BENEFICIARY_READ)
    read = dict.fromkeys(summary.id for summary in found.values())
    await audit.record(tx, actor, "beneficiary.looked_up", list(read))
    return found
