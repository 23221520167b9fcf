"""Say that two records which look alike are two people."""

from uuid import UUID

from services.registry.domain.errors import CannotMerge
from services.registry.storage import different, queries
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import Forbidden, NotFound
from shared.policy import Action


async def say_different(one_id: UUID, other_id: UUID, *, tx: Tx, actor: Actor) -> None:
    """The pair is shown to nobody as look-alikes any more; said again, it changes nothing.

    Raises `NotFound` when the caller may not see both, `Forbidden` when they may not change both.
    """
    for refused, action in (
        (NotFound, Action.BENEFICIARY_READ),
        (Forbidden, Action.BENEFICIARY_CHANGE),
    ):
        for one in (one_id, other_id):
            if not await queries.is_allowed(tx, actor, action, one):
                raise refused
    if one_id == other_id:
        raise CannotMerge("Pilih dua data yang berbeda.", "/other")
    if await different.add(tx, actor, one_id, other_id):
        for one, other in ((one_id, other_id), (other_id, one_id)):
            await audit.record(tx, actor, "beneficiary.said_different", [one], detail=str(other))
