"""Restricted records: kept, and hidden from whoever has no part in handling them."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from shared.database import Tx

# Without their mark they are no look-alikes of anybody either; the worker marks them anew later.
_RESTRICT_SQL: Final = """
    with restricted as (
        update beneficiaries set restricted_at = $2::timestamptz
        where id = any($1::uuid[]) and restricted_at is null and anonymised_at is null
        returning id
    ), unmarked as (
        delete from marks where beneficiary_id = any($1::uuid[])
    )
    select id from restricted
"""
_LIFT_SQL: Final = """
    update beneficiaries set restricted_at = null where id = $1 and restricted_at is not null
    returning true
"""
_ERASE_SQL: Final = """
    update beneficiaries b set erase_at = $2::timestamptz
    where b.id = coalesce(
        (select remains_id from merges where merged_id = $1 and undone_at is null), $1)
"""
_ANY_SQL: Final = """
    select exists (select from beneficiaries where id = any($1) and restricted_at is not null)
"""


async def restrict(tx: Tx, ids: Collection[UUID]) -> list[UUID]:
    """Restrict these records; those that were not restricted before."""
    return [row["id"] for row in await tx.fetch(_RESTRICT_SQL, list(ids), tx.now)]


async def lift(tx: Tx, beneficiary_id: UUID) -> bool:
    """Open a record again; False when it was not restricted."""
    return bool(await tx.fetchval(_LIFT_SQL, beneficiary_id))


async def erase_from_now(tx: Tx, beneficiary_id: UUID) -> None:
    """Let the next round anonymise it, once no referral of it is under way.

    Of a merged record the one that remains, which takes it along.
    """
    await tx.fetch(_ERASE_SQL, beneficiary_id, tx.now)


async def is_any(tx: Tx, ids: Collection[UUID]) -> bool:
    """Whether one of these records is restricted."""
    found: bool = await tx.fetchval(_ANY_SQL, list(ids))
    return found
