"""The relay: sends what the log states to the stream, in order, and notices when Redis forgot.

One relay per service is active; others wait at the advisory lock. Rows are claimed by
`published_at is null`, never by a sequence cursor: sequence order is not commit order, and a
cursor would lose the transactions that commit late.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.database import CONNECTION_LOST, Database, Tx
from shared.ending import end
from shared.errors import Unavailable
from shared.failpoints import hit
from shared.logging import get_logger
from shared.messaging import metrics
from shared.messaging.wake import Wake

BATCH: Final = 500
STREAM_LENGTH: Final = 1_000_000
POLL_SECONDS: Final = 0.5
OVERLAP_SECONDS: Final = 2.0
"""Rows published this long before the surviving mark are sent again: clocks are not exact."""
RETENTION: Final = "3 days"
"""How far back rows are sent again when Redis lost its mark; older gaps are the reconciler's."""

# Without sorting, the claim follows the index of what is unpublished. After a loss PostgreSQL knows
# for a minute of no such row, and would sort all of them for each batch.
_STATE_SQL: Final = """
    select pg_try_advisory_xact_lock(hashtextextended('relay:' || $1, 0)) as mine,
           coalesce((select high_water from relay_state where source = $1), 0) as high_water,
           extract(epoch from clock_timestamp())::float8 as now,
           set_config('enable_sort', 'off', true)
"""
_CLAIM_SQL: Final = """
    select seq, time, data from event_log
    where published_at is null order by seq limit $1 for update skip locked
"""
_MARK_SQL: Final = """
    with marked as (
        update event_log set published_at = to_timestamp($3)
        where seq = any($1::bigint[]) and time between $4 and $5
    )
    insert into relay_state (source, high_water) values ($2, $3)
    on conflict (source) do update
    set high_water = greatest(relay_state.high_water, excluded.high_water)
"""
REARMED_AT_ONCE: Final = 20_000
"""Of what was lost: all of three days in one statement would run into its limit, each time."""
_LOST: Final = "published_at >= greatest(to_timestamp($1), now() - $2::text::interval)"
_FIRST_LOST_SQL: Final = f"select coalesce(min(seq), 0) from event_log where {_LOST}"  # noqa: S608 - our own condition
_REARM_SQL: Final = f"""
    with lost as (
        select seq, time from event_log where seq >= $4 and {_LOST} order by seq limit $3
    ), rearmed as (
        update event_log e set published_at = null from lost
        where e.seq = lost.seq and e.time = lost.time
        returning e.seq
    )
    select count(*) as rows, coalesce(max(seq), 0) as last from rearmed
"""  # noqa: S608 - our own condition


@dataclass(frozen=True, slots=True)
class _Rearming:
    """How far rows that were published since a moment are ready to be sent again."""

    since: float
    next_seq: int


@dataclass(frozen=True, slots=True)
class RelayOptions:
    """`check_loss=False` exists for the control run that shows what the check prevents."""

    check_loss: bool = True
    lock: bool = True


class Relay:
    """Publishes one service's log to its stream."""

    def __init__(
        self,
        service: str,
        database: Database,
        redis: Redis,
        *,
        prefix: str,
        options: RelayOptions | None = None,
    ) -> None:
        self._service = service
        self._database = database
        self._redis = redis
        self._options = options or RelayOptions()
        self.stream = f"{prefix}:ev:{service}"
        self._mark_key = f"{prefix}:hw:{service}"
        self._wake = Wake(database.url, f"event_log_{service}")
        self._lagging = metrics.RELAY_LAG.labels(service)
        self._rearming: _Rearming | None = None

    async def run(self) -> None:
        """Relay until cancelled; every fault is waited out, none ends the loop."""
        listening = asyncio.create_task(self._wake.run())
        try:
            await self._loop()
        finally:
            await end([listening])

    async def _loop(self) -> None:
        pause = 0.1
        while True:
            try:
                sent = await self.round()
                pause = 0.1
            except (Unavailable, RedisError, asyncpg.PostgresError, *CONNECTION_LOST) as error:
                metrics.RELAY_ERRORS.labels(self._service, type(error).__name__).inc()
                get_logger().warning("relay_waits", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 3.0)
                continue
            if sent < BATCH:
                await self._wake.wait(POLL_SECONDS)

    async def round(self) -> int:
        """Send one batch, or make a portion of what Redis lost ready to be sent again.

        Returns how many events that were.
        """
        # Kept once the portion is committed; whoever begins anew only looks again.
        sent, self._rearming = await self._round()
        return sent

    async def _round(self) -> tuple[int, _Rearming | None]:
        # Not durable: a mark lost in a crash of PostgreSQL only sends a batch twice.
        async with (
            self._database.transaction(durable=False) as tx,
            self._redis.pipeline(transaction=True) as pipe,
        ):
            state = await tx.fetchrow(_STATE_SQL, self._service)
            assert state is not None
            high_water = state["high_water"]
            if self._options.lock and not state["mine"]:
                return 0, None
            surviving = high_water
            if self._options.check_loss:
                # Watched until the batch is sent: a wipe in between must fail the batch, or its new
                # mark would hide that everything before it is gone.
                await pipe.watch(self._mark_key)
                surviving = _mark(await pipe.get(self._mark_key))
            if surviving < high_water:
                rearmed, rearming = await self._rearm(tx, max(surviving - OVERLAP_SECONDS, 0.0))
                if rearming is not None:
                    # The old mark stays until all are ready, so that the next round goes on, and
                    # nothing is sent, so that they keep their order.
                    return rearmed, rearming
            rows = await tx.fetch(_CLAIM_SQL, BATCH)
            if not rows:
                if surviving < high_water:
                    # Nothing to send again: put the mark back, or each round would look anew.
                    await self._redis.set(self._mark_key, repr(high_water))
                self._lagging.set(0)
                return 0, None
            mark = max(state["now"], high_water)
            hit("relay.before_xadd")
            pipe.multi()  # type: ignore[no-untyped-call]  # redis-py left it without types
            for row in rows:
                pipe.xadd(self.stream, {b"e": row["data"]}, maxlen=STREAM_LENGTH, approximate=True)
            pipe.set(self._mark_key, repr(mark))
            await pipe.execute()
            hit("relay.after_xadd")
            times = [row["time"] for row in rows]
            await tx.fetch(
                _MARK_SQL,
                [row["seq"] for row in rows],
                self._service,
                mark,
                min(times),
                max(times),
            )
            self._lagging.set((tx.now - min(times)).total_seconds())
        metrics.RELAYED.labels(self._service).inc(len(rows))
        return len(rows), None

    async def _rearm(self, tx: Tx, since: float) -> tuple[int, _Rearming | None]:
        """How many rows are to be sent again from now on, and where the next portion begins."""
        begun = self._rearming
        if begun is None or begun.since != since:
            first = await tx.fetchval(_FIRST_LOST_SQL, since, RETENTION)
            begun = _Rearming(since, first)
        done = await tx.fetchrow(_REARM_SQL, since, RETENTION, REARMED_AT_ONCE, begun.next_seq)
        assert done is not None
        rearmed: int = done["rows"]
        metrics.RELAY_REARMED.labels(self._service).inc(rearmed)
        get_logger().warning("redis_lost_data", service_log=self._service, rearmed=rearmed)
        if rearmed < REARMED_AT_ONCE:
            return rearmed, None
        return rearmed, _Rearming(since, done["last"] + 1)


def _mark(stored: bytes | str | None) -> float:
    try:
        return float(stored) if stored is not None else 0.0
    except ValueError:
        return 0.0
