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
    with closed as (
        select id, erase_at from beneficiaries
        where id = any($1::uuid[]) and restricted_at is not null for update
    )
    update beneficiaries b set restricted_at = null, erase_at = null from closed
    where b.id = closed.id returning b.id, closed.erase_at is not null as was_to_go
"""
# An older request ended with the restriction it had led to.
_ASKED_FOR_SQL: Final = """
    select exists (
        select from requests r join beneficiaries b on b.id = r.beneficiary_id
        where r.beneficiary_id = any($1::uuid[]) and r.kind in ('restriction', 'erasure')
          and r.state = 'done' and r.handled_at >= b.restricted_at
    )
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


async def lift(tx: Tx, ids: Collection[UUID]) -> dict[UUID, bool]:
    """Open those of these records that are restricted; of each whether it was to be erased.

    None of them is erased any more.
    """
    rows = await tx.fetch(_LIFT_SQL, list(ids))
    return {row["id"]: row["was_to_go"] for row in rows}


async def is_asked_for(tx: Tx, ids: Collection[UUID]) -> bool:
    """Whether the person asked that these records be restricted or erased, and it was granted."""
    found: bool = await tx.fetchval(_ASKED_FOR_SQL, list(ids))
    return found


async def erase_from_now(tx: Tx, beneficiary_id: UUID) -> None:
    """Let the next round anonymise it, once no referral of it is under way.

    Of a merged record the one that remains, which takes it along.
    """
    await tx.fetch(_ERASE_SQL, beneficiary_id, tx.now)


async def is_any(tx: Tx, ids: Collection[UUID]) -> bool:
    """Whether one of these records is restricted."""
    found: bool = await tx.fetchval(_ANY_SQL, list(ids))
    return found
