"""Merges: pointers from records to the one that remains of them. Nothing is moved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id

_TURN_SQL: Final = "select pg_advisory_xact_lock(hashtextextended('registry.merges', 0))"
_HOLD_SQL: Final = """
    select pg_advisory_xact_lock_shared(hashtextextended('registry.merges', 0))
"""
_REMAINING_SQL: Final = """
    select merged_id, remains_id from merges where merged_id = any($1) and undone_at is null
"""
_OPEN_SQL: Final = """
    select into_id, remains_id from merges where merged_id = $1 and undone_at is null
"""
_BELOW_SQL: Final = """
    with recursive below as (
        select merged_id from merges where into_id = $1 and undone_at is null
        union
        select m.merged_id from merges m join below b on m.into_id = b.merged_id
        where m.undone_at is null
    )
    select merged_id from below
"""
_INTO_SQL: Final = """
    select merged_id, merged_at from merges where remains_id = $1 and undone_at is null
    order by merged_at, merged_id
"""
_WHOLE_SQL: Final = """
    with remaining as (
        select coalesce(m.remains_id, one.id) as id from unnest($1::uuid[]) one (id)
        left join merges m on m.merged_id = one.id and m.undone_at is null
    )
    select id from remaining
    union
    select m.merged_id from merges m join remaining r on m.remains_id = r.id
    where m.undone_at is null
"""
_ADD_SQL: Final = """
    insert into merges (id, merged_id, into_id, remains_id, merged_by, merged_at)
    values ($1, $2, $3, $3, $4, $5)
"""
_UNDO_SQL: Final = """
    update merges set undone_by = $2, undone_at = $3 where merged_id = $1 and undone_at is null
"""
_REPOINT_SQL: Final = """
    update merges set remains_id = $2 where merged_id = any($1) and undone_at is null
"""


@dataclass(frozen=True, slots=True)
class Merge:
    """An open merge: into which record, and which one remains at the end of the chain."""

    into_id: UUID
    remains_id: UUID


async def take_turn(tx: Tx) -> None:
    """Merge alone until the transaction ends: each merge may touch a whole chain of others."""
    await tx.fetch(_TURN_SQL)


async def hold(tx: Tx) -> None:
    """Nothing is merged or parted until the transaction ends: what is one person stays so."""
    await tx.fetch(_HOLD_SQL)


async def remaining(tx: Tx, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """What remains of those of these records that were merged."""
    if not ids:
        return {}
    rows = await tx.fetch(_REMAINING_SQL, list(ids))
    return {row["merged_id"]: row["remains_id"] for row in rows}


async def of(tx: Tx, merged_id: UUID) -> Merge | None:
    """The open merge of a record, or None."""
    row = await tx.fetchrow(_OPEN_SQL, merged_id)
    return None if row is None else Merge(row["into_id"], row["remains_id"])


async def into(tx: Tx, remains_id: UUID) -> dict[UUID, datetime]:
    """Every record that goes on as this one, and since when."""
    rows = await tx.fetch(_INTO_SQL, remains_id)
    return {row["merged_id"]: row["merged_at"] for row in rows}


async def whole(tx: Tx, ids: Collection[UUID]) -> list[UUID]:
    """These records with every other that is one person with one of them."""
    return [row["id"] for row in await tx.fetch(_WHOLE_SQL, list(ids))] if ids else []


async def below(tx: Tx, into_id: UUID) -> list[UUID]:
    """Every record that was merged into this one, or into one that was."""
    return [row["merged_id"] for row in await tx.fetch(_BELOW_SQL, into_id)]


async def add(tx: Tx, actor: Actor, merged_id: UUID, into_id: UUID) -> None:
    """Remember who merged the record into one that remains."""
    await tx.fetch(_ADD_SQL, new_id(), merged_id, into_id, actor.id, tx.now)


async def undo(tx: Tx, actor: Actor, merged_id: UUID) -> None:
    """Remember who took the open merge of the record back."""
    await tx.fetch(_UNDO_SQL, merged_id, actor.id, tx.now)


async def repoint(tx: Tx, ids: Collection[UUID], remains_id: UUID) -> None:
    """Another record remains of these from now on."""
    await tx.fetch(_REPOINT_SQL, list(ids), remains_id)
