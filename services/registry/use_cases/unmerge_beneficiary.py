"""Take a merge back: both records are again what they were."""

from uuid import UUID

from services.registry.storage import merges
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.merge_beneficiary import go_on_as, mergeable
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def unmerge_beneficiary(merged_id: UUID, *, tx: Tx, actor: Actor, vault: NikVault) -> None:
    """The record stands for itself again, and what was merged into it before stays with it.

    Raises `NotFound` when it is not merged or the caller may not see both records, and
    `Forbidden` when they may not merge both.
    """
    await merges.take_turn(tx)
    merge = await merges.of(tx, merged_id)
    if merge is None:
        raise NotFound
    for one in (merge.remains_id, merged_id):
        await mergeable(one, tx=tx, actor=actor, vault=vault)
    below = await merges.below(tx, merged_id)
    await merges.undo(tx, actor, merged_id)
    await merges.repoint(tx, below, merged_id)
    await go_on_as(merged_id, [merged_id, *below], tx=tx, vault=vault)
    for one, other in ((merged_id, merge.remains_id), (merge.remains_id, merged_id)):
        await audit.record(tx, actor, "beneficiary.unmerged", [one], detail=str(other))
