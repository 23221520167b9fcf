"""Events that could not be applied, kept in PostgreSQL until a person decides."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Tx
from shared.ids import new_id

# An event may come again under another entry: from the log, or after Redis lost it. What a person
# has discarded stays off the list.
_ADD_SQL: Final = """
    with renewed as (
        update dead_letters set error = $7, deliveries = $8, at = now() where event_id = $4
        returning 1
    )
    insert into dead_letters (id, stream, entry_id, event_id, type, raw, error, deliveries)
    select $1, $2, $3, $4, $5, $6, $7, $8 where not exists (select from renewed)
    on conflict (stream, entry_id) do update
    set error = excluded.error, deliveries = excluded.deliveries, at = now(), replayed_at = null
"""
_LIST_SQL: Final = """
    select id, stream, entry_id, event_id, type, raw, error, deliveries, at
    from dead_letters where replayed_at is null order by at, id
"""
_AMONG_SQL: Final = "select event_id from dead_letters where event_id = any($1)"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event nobody could apply, and why."""

    id: UUID
    stream: str
    entry_id: str
    event_id: UUID | None
    type: str | None
    raw: bytes
    error: str
    deliveries: int
    at: datetime


async def add(
    tx: Tx,
    *,
    stream: str,
    entry_id: str,
    raw: bytes,
    error: str,
    deliveries: int,
    event_id: UUID | None,
    event_type: str | None,
) -> None:
    """Keep an entry with the reason; the same entry, or its event, again only renews it."""
    await tx.fetch(
        _ADD_SQL, new_id(), stream, entry_id, event_id, event_type, raw, error, deliveries
    )


async def waiting(tx: Tx) -> list[DeadLetter]:
    """The dead letters no one has replayed, oldest first."""
    return [DeadLetter(**dict(row)) for row in await tx.fetch(_LIST_SQL)]


async def count_waiting(tx: Tx) -> int:
    """How many dead letters wait."""
    count: int = await tx.fetchval("select count(*) from dead_letters where replayed_at is null")
    return count


async def among(tx: Tx, event_ids: Collection[UUID]) -> set[UUID]:
    """Those of these events that are dead letters, or were."""
    rows = await tx.fetch(_AMONG_SQL, list(event_ids))
    return {row["event_id"] for row in rows}


async def mark_replayed(tx: Tx, letter_id: UUID) -> None:
    """Take a dead letter off the list after it was applied."""
    await tx.fetch("update dead_letters set replayed_at = now() where id = $1", letter_id)
