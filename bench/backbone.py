"""Relay and consumer against plain loops with the same statements."""

import asyncio
import time
import uuid
from datetime import UTC, datetime

import asyncpg
from redis.asyncio import Redis

from bench.floor import loops
from bench.world import DISTRICT, World
from services.notifications.reactions import REACTIONS
from shared.contracts.cases import ReferralSent
from shared.contracts.codes import Confidentiality, ReferralStatus, Urgency
from shared.contracts.envelope import Event
from shared.database import Database
from shared.ending import end
from shared.ids import new_id
from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay

DRAINED = 20_000
CONSUMED = 10_000
PREFIX = "bench"


def relay_drain(world: World) -> tuple[float, float]:
    """Events a second out of a full log: ours and the floor's."""
    return asyncio.run(_relay_drain(world))


def consume(world: World) -> tuple[float, float]:
    """Events a second from the stream to their notices: ours and the floor's."""
    return asyncio.run(_consume(world))


async def _relay_drain(world: World) -> tuple[float, float]:
    redis = Redis.from_url(world.stack.redis_url)
    owner = await asyncpg.connect(world.stack.owner_url)
    events = _events(world, DRAINED)
    database = Database(world.stack.environment["REGISTRY_WORKER_DATABASE_URL"], pool_size=2)
    relay = Relay("registry", database, redis, prefix=PREFIX)
    ours, floor = 0.0, 0.0
    for _ in range(2):
        for schema in ("registry", "floor"):
            await owner.execute(f"truncate {schema}.event_log")
            await owner.executemany(
                f"insert into {schema}.event_log (id, type, subject, version, time, data) "  # noqa: S608 - our own schema names
                "values ($1, $2, $3, 1, $4, $5)",
                [
                    (event.id, event.type, uuid.UUID(event.subject), event.time, event.to_json())
                    for event in events
                ],
            )
            await owner.execute("vacuum analyze " + f"{schema}.event_log")
        started = time.perf_counter()
        while await relay.round():
            continue
        ours = max(ours, DRAINED / loops.timed(started))
        connection = await asyncpg.connect(
            world.stack.owner_url, server_settings={"search_path": "floor"}
        )
        started = time.perf_counter()
        while await loops.relay_round(connection, redis, "floor:drain"):
            continue
        floor = max(floor, DRAINED / loops.timed(started))
        await connection.close()
        await redis.delete("floor:drain", f"{PREFIX}:ev:registry")
    await database.close()
    await owner.close()
    await redis.aclose()
    return ours, floor


async def _consume(world: World) -> tuple[float, float]:
    redis = Redis.from_url(world.stack.redis_url)
    ours, floor = 0.0, 0.0
    for turn in range(2):
        raw = [event.to_json() for event in _events(world, CONSUMED)]
        stream, floor_stream = f"{PREFIX}:ev:cases", f"floor:consume:{turn}"
        for start in range(0, CONSUMED, 1000):
            async with redis.pipeline(transaction=False) as pipe:
                for one in raw[start : start + 1000]:
                    pipe.xadd(stream, {b"e": one})
                    pipe.xadd(floor_stream, {b"e": one})
                await pipe.execute()
        floor = max(floor, await _floor_consumer(world, redis, floor_stream))
        ours = max(ours, await _our_consumer(world, redis, stream, CONSUMED * (turn + 1)))
    await redis.delete(stream)
    await redis.aclose()
    await _forget(world)
    return ours, floor


async def _forget(world: World) -> None:
    """Empty what the consumers wrote, so that later measures count their own notices alone."""
    owner = await asyncpg.connect(world.stack.owner_url)
    for schema in ("notifications", "floor"):
        tables = ("inbox", "notices", "deliveries", "referral_view", "stream_rows")
        await owner.execute("truncate " + ", ".join(f"{schema}.{table}" for table in tables))
    await owner.close()


async def _our_consumer(world: World, redis: Redis, stream: str, entries: int) -> float:
    database = Database(world.stack.environment["NOTIFICATIONS_WORKER_DATABASE_URL"], pool_size=4)
    consumer = Consumer(
        "notifications",
        slot="bench",
        redis_url=world.stack.redis_url,
        prefix=PREFIX,
        database=database,
        reactions=REACTIONS,
    )
    # The floor's connection stands before its clock starts, too.
    await database.answers()
    started = time.perf_counter()
    task = asyncio.create_task(consumer.run())
    while True:
        # Seldom: the consumer asks from this same process.
        await asyncio.sleep(0.05)
        groups = [
            group for group in await redis.xinfo_groups(stream) if group["name"] == b"notifications"
        ]
        if groups and groups[0]["entries-read"] == entries and groups[0]["pending"] == 0:
            break
    rate = CONSUMED / loops.timed(started)
    await end([task])
    await database.close()
    return rate


async def _floor_consumer(world: World, redis: Redis, stream: str) -> float:
    connection = await asyncpg.connect(
        world.stack.owner_url, server_settings={"search_path": "floor"}
    )
    await loops.group(redis, stream)
    started = time.perf_counter()
    done = 0
    while done < CONSUMED:
        done += await loops.consume_round(connection, redis, stream, loops.tell)
    rate = CONSUMED / loops.timed(started)
    await connection.close()
    await redis.delete(stream)
    return rate


def _events(world: World, count: int) -> list[Event]:
    now = datetime.now(UTC)
    events = []
    for number in range(count):
        referral_id = new_id()
        data = ReferralSent(
            referral_id=referral_id,
            case_id=new_id(),
            case_number=f"RJ-35.08-2026-{number:06d}",
            beneficiary_id=world.beneficiaries[number % len(world.beneficiaries)],
            status=ReferralStatus.SENT,
            pillar="TKSK",
            area=DISTRICT,
            category="GLD",
            urgency=Urgency.HIGH,
            confidentiality=Confidentiality.C1,
            sender_id=world.psm.id,
            holder_id=None,
            actor_id=world.psm.id,
            pool=[world.tksk.id],
            reply_by=now,
            act_by=now,
            close_by=now,
        )
        events.append(
            Event.stating(
                data,
                event_id=new_id(),
                subject=referral_id,
                version=1,
                time=now,
                traceparent=None,
            )
        )
    return events
