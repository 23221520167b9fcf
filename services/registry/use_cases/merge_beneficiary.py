"""Say that two records are of one person: one goes on as the other."""

from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.errors import AlreadyMerged, CannotMerge
from services.registry.storage import beneficiaries, merges, restriction
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.access import resource_of
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action, require


async def merge_beneficiary(
    merged_id: UUID, into_id: UUID, *, tx: Tx, actor: Actor, vault: NikVault
) -> None:
    """`merged_id` goes on as `into_id`, and so does whatever was merged into it before.

    All that are one person are restricted and opened together, so none of two restricted records is
    merged.

    Raises `NotFound` when the caller may not see both, `Forbidden` when they may not merge both,
    `AlreadyMerged` when one of the two goes on as another record, and `CannotMerge`.
    """
    await merges.take_turn(tx)
    both = {
        one: await mergeable(one, tx=tx, actor=actor, vault=vault) for one in (merged_id, into_id)
    }
    if merged_id == into_id:
        raise CannotMerge("Pilih dua data yang berbeda.", "/into")
    for one in both.values():
        if one.merged_into is not None:
            raise AlreadyMerged(one.merged_into)
    if both[merged_id].kind is not both[into_id].kind:
        raise CannotMerge("Jenis kedua data berbeda.", "/into")
    if await restriction.is_any(tx, both):
        raise CannotMerge("Data yang dibatasi tidak dapat digabung.", "/into")
    below = await merges.below(tx, merged_id)
    await merges.add(tx, actor, merged_id, into_id)
    await merges.repoint(tx, below, into_id)
    await go_on_as(into_id, [merged_id, *below], tx=tx, vault=vault)
    await audit.record(tx, actor, "beneficiary.merged", [merged_id], detail=str(into_id))
    await audit.record(tx, actor, "beneficiary.merged", [into_id], detail=str(merged_id))


async def mergeable(beneficiary_id: UUID, *, tx: Tx, actor: Actor, vault: NikVault) -> Beneficiary:
    """The record, locked; raises `NotFound` and `Forbidden` as `merge_beneficiary` does."""
    found = await beneficiaries.get_for_change(tx, vault, actor, beneficiary_id)
    if found is None:
        raise NotFound
    require(actor, Action.BENEFICIARY_MERGE, resource_of(found))
    return found


async def go_on_as(remains: UUID, ids: list[UUID], *, tx: Tx, vault: NikVault) -> None:
    """These go on as that record; one that is the record itself stands for itself again."""
    # What follows a record follows it wherever it lies; nothing of it is shown.
    async with tx.beyond_scope():
        followers = await beneficiaries.get_merged(tx, vault, ids)
        for one in followers:
            one.go_on_as(None if one.id == remains else remains)
        await beneficiaries.save_pointers(tx, followers)
