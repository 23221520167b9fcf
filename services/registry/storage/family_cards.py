"""The numbers of family cards: sealed beside the family, and found by a keyed hash."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from services.registry.domain.lookalike import same_kk
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.niks import Held, Number, found_under
from shared.auth import Actor
from shared.database import Tx

# A family that was merged answers with the one that remains.
_FIND_SQL: Final = """
    select distinct k.blind_index, coalesce(m.remains_id, k.beneficiary_id) as beneficiary_id
    from kk_index k
    left join merges m on m.merged_id = k.beneficiary_id and m.undone_at is null
    where k.blind_index = any($1) order by 2
"""
_PUT_SQL: Final = """
    with given as (
        select * from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as g (id, sealed, blind_index)
    ), sealed as (
        insert into family_cards (beneficiary_id, kk_sealed) select id, sealed from given
        on conflict (beneficiary_id) do update set kk_sealed = excluded.kk_sealed
    )
    insert into kk_index (blind_index, beneficiary_id) select blind_index, id from given
    on conflict do nothing
"""
_FORGET_INDEX_SQL: Final = "delete from kk_index where beneficiary_id = $1"
_FORGET_SQL: Final = "delete from family_cards where beneficiary_id = $1"
_SEALED_SQL: Final = "select kk_sealed from family_cards where beneficiary_id = $1"


async def held(
    tx: Tx, vault: NikVault, actor: Actor, kks: Collection[str]
) -> dict[str, list[Held]]:
    """The families with each of these numbers, told and taken in turns like those of NIKs."""
    return await held_under(tx, actor, {kk: vault.kk_indexes(kk) for kk in kks})


async def held_under(
    tx: Tx, actor: Actor, indexes: Mapping[Number, Sequence[bytes]]
) -> dict[Number, list[Held]]:
    """The same, by whatever stands for each number, for those whose blind indexes are made."""
    return await found_under(tx, actor, indexes, _FIND_SQL, same_kk)


async def add(tx: Tx, vault: NikVault, cards: Iterable[tuple[UUID, str]]) -> None:
    """Store the cards of new families."""
    rows = [(one, vault.seal_kk(kk, one), vault.kk_indexes(kk)[0]) for one, kk in cards]
    if rows:
        await tx.fetch(_PUT_SQL, *(list(column) for column in zip(*rows, strict=True)))


async def replace(tx: Tx, vault: NikVault, family_id: UUID, kk: str | None) -> None:
    """The family has this card from now on, or none."""
    await tx.fetch(_FORGET_INDEX_SQL, family_id)
    if kk is None:
        await tx.fetch(_FORGET_SQL, family_id)
    else:
        await add(tx, vault, [(family_id, kk)])


async def kk_of(tx: Tx, vault: NikVault, family_id: UUID) -> str | None:
    """The number of the family's card, if it is known."""
    sealed = await tx.fetchval(_SEALED_SQL, family_id)
    return None if sealed is None else vault.open_kk(sealed, family_id)
