"""Keeps the shared tables small and their figures true; runs beside relay and consumer."""

import asyncio
from typing import Final

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.database import CONNECTION_LOST, Database
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.messaging import dead_letters, metrics

MEASURE_SECONDS: Final = 5.0
SWEEP_EVERY: Final = 720
"""Measurements between two sweeps: about an hour."""
INBOX_DAYS: Final = 30
"""Longer than any stream or dead letter lives, so no repeat can slip past the inbox."""
KEY_DAYS: Final = 14

_OLDEST_SQL: Final = """
    select coalesce(extract(epoch from now() - min(time)), 0)::float8
    from event_log where published_at is null
"""
SWEPT_AT_ONCE: Final = 5_000
"""So that a sweep that is long overdue does not run into the limit of a statement, each time."""
_SWEEP_SQL: Final = """
    with gone as (
        delete from {table} where ctid = any(array(
            select ctid from {table} where {time} < now() - make_interval(days => $1) limit $2))
        returning 1
    )
    select count(*) from gone
"""
_SWEEPS: Final = (
    (_SWEEP_SQL.format(table="inbox", time="event_time"), INBOX_DAYS),
    (_SWEEP_SQL.format(table="idempotency_keys", time="at"), KEY_DAYS),
)


class Housekeeping:
    """Measures the backbone of one service and deletes what no promise needs any more."""

    def __init__(self, service: str, database: Database, redis: Redis, streams: list[str]) -> None:
        self._service = service
        self._database = database
        self._redis = redis
        self._streams = streams

    async def run(self) -> None:
        """Measure every few seconds, sweep every hour, until cancelled."""
        turn = 0
        while True:
            try:
                await self.measure()
                if turn % SWEEP_EVERY == 0:
                    await self.sweep()
                turn += 1
            except (Unavailable, RedisError, asyncpg.PostgresError, *CONNECTION_LOST) as error:
                get_logger().warning("housekeeping_waits", error=type(error).__name__)
            await asyncio.sleep(MEASURE_SECONDS)

    async def measure(self) -> None:
        """Set the gauges of log, dead letters and groups."""
        async with self._database.transaction() as tx:
            oldest = await tx.fetchval(_OLDEST_SQL)
            waiting = await dead_letters.count_waiting(tx)
        metrics.OLDEST_UNPUBLISHED.labels(self._service).set(oldest)
        metrics.DEAD_LETTERS.labels(self._service).set(waiting)
        for stream in self._streams:
            for group in await self._redis.xinfo_groups(stream):
                if group["name"].decode() == self._service:
                    labels = (self._service, stream)
                    metrics.GROUP_PENDING.labels(*labels).set(group["pending"])
                    metrics.GROUP_LAG.labels(*labels).set(await self._lag(stream, group))

    async def sweep(self) -> None:
        """Delete inbox rows and idempotency keys past their time."""
        for sql, days in _SWEEPS:
            swept = SWEPT_AT_ONCE
            while swept == SWEPT_AT_ONCE:
                async with self._database.transaction() as tx:
                    swept = await tx.fetchval(sql, days, SWEPT_AT_ONCE)

    async def _lag(self, stream: str, group: dict[str, object]) -> int:
        """Entries after the group's position; Redis before 7 does not say, so it is counted."""
        lag = group.get("lag")
        if isinstance(lag, int):
            return lag
        last = group["last-delivered-id"]
        position = last.decode() if isinstance(last, bytes) else str(last)
        entries = await self._redis.xrange(stream, min=f"({position}", count=10_000)
        return len(entries or ())
