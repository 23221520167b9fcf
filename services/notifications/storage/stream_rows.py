"""The rows behind live streams: read after a number, kept for a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shared.database import Tx

CHANNEL: Final = "stream_notifications"
"""NOTIFY channel: raised by each transaction that adds rows."""
KEPT_DAYS: Final = 7
SWEEP_BATCH: Final = 5_000

_TURN_SQL: Final = (
    "select pg_advisory_xact_lock(hashtextextended('stream:' || current_schema(), 0))"
)
_READER_SQL: Final = "select set_config('app.stream_reader', 'on', true)"
_BOUNDS_SQL: Final = """
    select swept, greatest(swept, newest) as newest
    from (select coalesce((select swept_through from stream_state), 0) as swept,
                 coalesce((select max(seq) from stream_rows), 0) as newest) numbers
"""
_NEW_SQL: Final = """
    select newest.seq as newest, added.* from
        (select coalesce(max(seq), 0) as seq from stream_rows) newest
    left join lateral (
        select seq, worker_id, kind, data::text, (data ->> 'at')::timestamptz as happened_at
        from stream_rows where seq > $1 and worker_id = any($2::uuid[])
        order by seq limit $3
    ) added on true
"""
_KEPT_SQL: Final = """
    select seq, worker_id, kind, data::text, (data ->> 'at')::timestamptz as happened_at
    from stream_rows where worker_id = $1 and seq > $2 order by seq limit $3
"""
_SWEEP_SQL: Final = """
    with swept as (
        delete from stream_rows where seq in (
            select seq from stream_rows where at < now() - make_interval(days => $1) limit $2)
        returning seq
    ), marked as (
        insert into stream_state (swept_through) select max(seq) from swept having count(*) > 0
        on conflict (id) do update
        set swept_through = greatest(stream_state.swept_through, excluded.swept_through)
    )
    select count(*) from swept
"""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One event of a worker's stream; `happened_at` is known of notices only."""

    seq: int
    worker_id: UUID
    kind: str
    data: str
    happened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers up to `swept` may be gone; `newest` is the last one anybody can have seen."""

    swept: int
    newest: int


async def take_turn(tx: Tx) -> None:
    """Make the order of numbers the order of commits, as `referral_view.advance` does."""
    await tx.fetch(_TURN_SQL)


async def bounds(tx: Tx) -> Bounds:
    """Between which numbers a stream can be resumed without a gap."""
    await tx.fetch(_READER_SQL)
    (row,) = await tx.fetch(_BOUNDS_SQL)
    return Bounds(row["swept"], row["newest"])


async def added_since(
    tx: Tx, after: int, workers: Sequence[UUID], limit: int
) -> tuple[list[StreamRow], int]:
    """Rows of these workers after a number, and the number up to which that is all there is."""
    await tx.fetch(_READER_SQL)
    found = await tx.fetch(_NEW_SQL, after, workers, limit)
    rows = [_row(row) for row in found if row["seq"] is not None]
    return rows, rows[-1].seq if len(rows) == limit else found[0]["newest"]


async def kept_for(tx: Tx, worker_id: UUID, after: int, limit: int) -> list[StreamRow]:
    """A worker's rows after a number, in order."""
    return [_row(row) for row in await tx.fetch(_KEPT_SQL, worker_id, after, limit)]


async def sweep(tx: Tx) -> int:
    """Delete one batch of rows past their time and note how far; returns how many went."""
    count: int = await tx.fetchval(_SWEEP_SQL, KEPT_DAYS, SWEEP_BATCH)
    return count


def _row(row: Any) -> StreamRow:
    return StreamRow(row["seq"], row["worker_id"], row["kind"], row["data"], row["happened_at"])
