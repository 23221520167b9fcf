"""The floors of relay and consumer: plain asyncpg and plain redis-py, with the same statements."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import uvloop
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.notifications.storage.notices import _WRITE_SQL
from services.notifications.storage.referral_view import _STEP_SQL
from shared.messaging.inbox import _INBOX_SQL
from shared.messaging.relay import BATCH

CLAIM = """
    select seq, time, data from event_log
    where published_at is null order by seq limit $1 for update skip locked
"""
MARK = "update event_log set published_at = $2 where seq = any($1::bigint[])"
SENT = "id.sinergi.cases.referral.sent.v1"
TITLE = "Rujukan baru"
SHOWN = (
    "referral_id", "case_id", "case_number", "status", "pillar", "area", "urgency",
    "confidentiality", "holder_id", "sender_id", "reply_by", "act_by", "close_by",
)  # fmt: skip
"""What a list is sent to redraw one line."""


async def relay_round(connection: asyncpg.Connection, redis: Redis, stream: str) -> int:
    """Claim, XADD in a pipeline, mark; returns how many events that were."""
    async with connection.transaction():
        rows = await connection.fetch(CLAIM, BATCH)
        if rows:
            async with redis.pipeline(transaction=True) as pipe:
                for row in rows:
                    pipe.xadd(stream, {b"e": row["data"]}, maxlen=1_000_000, approximate=True)
                await pipe.execute()
            await connection.fetch(MARK, [row["seq"] for row in rows], datetime.now(UTC))
    return len(rows)


async def consume_round(
    connection: asyncpg.Connection,
    redis: Redis,
    stream: str,
    effect: Callable[[Any, asyncpg.Connection], Awaitable[None]],
    block: int = 1000,
) -> int:
    """Read a batch, inbox and effects in one transaction, acknowledge."""
    answer: Any = await redis.xreadgroup("floor", "floor", {stream: ">"}, count=200, block=block)
    if not answer:
        return 0
    batches = answer.items() if isinstance(answer, dict) else answer
    done = 0
    for _, batch in batches:
        entries = batch[0] if isinstance(answer, dict) else batch
        events = [orjson.loads(fields[b"e"]) for _, fields in entries]
        heard = [event for event in events if event["type"] == SENT]
        async with connection.transaction():
            fresh = await connection.fetch(
                _INBOX_SQL,
                [event["id"] for event in heard],
                [event["source"] for event in heard],
                [event["type"] for event in heard],
                [datetime.fromisoformat(event["time"]) for event in heard],
            )
            unseen = {str(row["event_id"]) for row in fresh}
            for event in heard:
                if event["id"] in unseen:
                    await effect(event, connection)
        await redis.xack(stream, "floor", *[entry_id for entry_id, _ in entries])
        done += len(entries)
    return done


async def tell(event: Any, connection: asyncpg.Connection) -> None:
    """The statements of notifications' own reaction to a sent referral, and nothing around them."""
    said, at = event["data"], datetime.fromisoformat(event["time"])
    referral, sender, pool = said["referral_id"], said["sender_id"], said["pool"]
    shown = {name: said[name] for name in SHOWN} | {"version": event["subjectversion"]}
    await connection.fetch(
        _STEP_SQL, referral, event["subjectversion"], said["status"], None, pool, [sender, *pool]
    )
    await connection.fetch(
        _WRITE_SQL, event["id"], referral, said["case_number"], at,
        [uuid4() for _ in pool], pool, ["referral_new"] * len(pool), [TITLE] * len(pool),
        sender, said["pillar"], said["area"], said["organisation_id"], said["confidentiality"],
        ["in_app"], ["delivered"], orjson.dumps(shown).decode(), [sender, *pool], event["id"],
    )  # fmt: skip


async def group(redis: Redis, stream: str) -> None:
    """The floor's own group, from the beginning."""
    try:
        await redis.xgroup_create(stream, "floor", id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


async def _run(role: str) -> None:
    connection = await asyncpg.connect(
        os.environ["FLOOR_URL"], server_settings={"search_path": "floor"}
    )
    redis = Redis.from_url(os.environ["REDIS_URL"])
    stream = "floor:ev:cases"
    if role == "consumer":
        await group(redis, stream)
        while True:
            await consume_round(connection, redis, stream, tell)
    woken = asyncio.Event()
    listener = await asyncpg.connect(os.environ["FLOOR_URL"])
    await listener.add_listener("event_log_floor", lambda *_: woken.set())
    while True:
        if not await relay_round(connection, redis, stream):
            try:
                async with asyncio.timeout(0.5):
                    await woken.wait()
            except TimeoutError:
                continue
            woken.clear()


def timed(started: float) -> float:
    """Seconds since."""
    return time.perf_counter() - started


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1]))
