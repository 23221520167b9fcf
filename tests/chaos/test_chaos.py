"""Everything at once: load, killed and stopped processes, a wiped Valkey, a crashing PostgreSQL.

CHAOS_SEED draws the faults and the load, CHAOS_SECONDS says for how long; a minute is a full run.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
from redis.asyncio import Redis

from tests.chaos.city import City
from tests.chaos.faults import Chaos, plan
from tests.chaos.follower import Follower
from tests.chaos.load import Acknowledged, Load
from tests.chaos.people import People, bring_in, somebody
from tests.fixtures import invariants
from tests.fixtures.processes import until
from tests.fixtures.stack import Stack
from tests.fixtures.trail import Trail

SECONDS = float(os.environ.get("CHAOS_SECONDS", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
QUIET_SECONDS = 60.0
PROMISED_SECONDS = 30.0
"""In the target's hands this long after any crash."""


@pytest.fixture
async def trail(clean: Stack) -> AsyncIterator[Trail]:
    laid = Trail(clean.owner_url)
    await laid.begin()
    yield laid
    await laid.end()


@pytest.fixture
async def city(clean: Stack) -> AsyncIterator[City]:
    async with Redis.from_url(clean.redis_url) as redis:
        await redis.flushall()
    built = City(clean)
    async with built.running():
        yield built


@pytest.fixture
async def people(clean: Stack, city: City) -> People:
    """Workers and beneficiaries, once cases and notifications have heard of them all."""
    made = somebody()
    await bring_in(made, clean.environment)
    await until(Quiet(clean).is_here, 20)
    return made


@dataclass
class Quiet:
    """Waits until nothing is on its way any more."""

    stack: Stack

    async def left(self) -> list[str]:
        async with owner_of(self.stack) as owner, Redis.from_url(self.stack.redis_url) as redis:
            return [
                *await invariants.unpublished(owner),
                *await invariants.unread(redis, "test"),
                *await invariants.unheard(owner),
            ]

    async def is_here(self) -> bool:
        return not await self.left()


@contextlib.asynccontextmanager
async def owner_of(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


async def lost(owner: asyncpg.Connection, acknowledged: list[Acknowledged]) -> list[str]:
    """Steps that were acknowledged and are not in the referral's table or its log."""
    logged = {
        (row["subject"], row["version"], row["type"].split(".")[-2])
        for row in await owner.fetch("select subject, version, type from cases.event_log")
    }
    kept = {row["id"] for row in await owner.fetch("select id from cases.referrals")}
    return [
        f"{step} was acknowledged and is gone"
        for step in acknowledged
        if step.referral_id not in kept
        or (step.referral_id, step.version, step.event) not in logged
    ]


async def made_twice(owner: asyncpg.Connection, acknowledged: list[Acknowledged]) -> list[str]:
    """Referrals nobody was told of: a retry made a second one."""
    known = {step.referral_id for step in acknowledged}
    rows = await owner.fetch("select id from cases.referrals")
    return [f"{row['id']} was made by a retry" for row in rows if row["id"] not in known]


async def misled(owner: asyncpg.Connection, follower: Follower) -> list[str]:
    """Where a follower's numbers differ from the rows stored for that worker since it began."""
    rows = await owner.fetch(
        "select seq from notifications.stream_rows where worker_id = $1 and seq > $2 order by seq",
        follower.worker.id,
        follower.began_at,
    )
    stored = [row["seq"] for row in rows]
    if follower.numbers == stored and not follower.resets:
        return []
    missing = sorted(set(stored) - set(follower.numbers))[:5]
    seen = f"{len(follower.numbers)} of {len(stored)} rows, {follower.resets} resets"
    return [f"stream of {follower.worker.id}: {seen}, missing {missing}"]


async def waits(owner: asyncpg.Connection) -> list[float]:
    """Seconds from each event's commit to its effect in notifications, shortest first."""
    rows = await owner.fetch(
        """
        select extract(epoch from received_at - event_time)::float8 as seconds
        from notifications.inbox where source = '/sinergi/cases' order by 1
        """
    )
    return [row["seconds"] for row in rows]


async def _all_began(followers: list[Follower]) -> bool:
    return all(follower.began_at is not None for follower in followers)


async def _together(chaos: Chaos, load: Load) -> None:
    async with asyncio.TaskGroup() as both:
        both.create_task(chaos.run())
        both.create_task(load.run(SECONDS))


async def _seconds_until(quiet: Quiet) -> float:
    """How long it took to come to rest; the deadline if it never did, for the check to say why."""
    began = time.monotonic()
    with contextlib.suppress(AssertionError):
        await until(quiet.is_here, QUIET_SECONDS)
    return time.monotonic() - began


async def test_no_fault_loses_repeats_or_reverses_anything(
    clean: Stack,
    trail: Trail,
    city: City,
    people: People,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chaos = Chaos(city, plan(SEED, SECONDS, list(city.processes)))
    load = Load(clean, people, SEED)
    followers = [Follower(clean, people.senders[0]), Follower(clean, people.receivers[0])]
    quiet = Quiet(clean)
    async with contextlib.AsyncExitStack() as open_streams:
        for follower in followers:
            await open_streams.enter_async_context(follower.following())
        await until(lambda: _all_began(followers))
        await _together(chaos, load)
        for process in city.processes.values():
            await process.wait_ready()
        caught_up = await _seconds_until(quiet)

        async with owner_of(clean) as owner:

            async def followed() -> bool:
                return not [line for one in followers for line in await misled(owner, one)]

            with contextlib.suppress(AssertionError):
                await until(followed)
            missing = [
                *await lost(owner, load.acknowledged),
                *await quiet.left(),
                *await invariants.unnoticed(owner),
                *await invariants.stale(owner),
                *[line for one in followers for line in await misled(owner, one)],
            ]
            repeated = [
                *await made_twice(owner, load.acknowledged),
                *await trail.repeated(),
                *await invariants.repeated_lines(owner),
            ]
            others = [
                *load.refused,
                *await invariants.gaps(owner),
                *await invariants.dead(owner),
                *await invariants.invented(owner),
                *await trail.receding(),
                *city.ended_by_themselves(),
                *await city.spinning(),
            ]
            seconds = await waits(owner)
    with capsys.disabled():
        sys.stdout.write(
            f"\nchaos seed {SEED}, {SECONDS:.0f} s: faults {dict(chaos.done)}; "
            f"{len(load.acknowledged)} acknowledged steps, {len(seconds)} events, "
            f"retries {dict(load.retries)}; missing {len(missing)}, repeated {len(repeated)}, "
            f"other {len(others)}; to effect p50 {seconds[len(seconds) // 2]:.3f} s, "
            f"max {seconds[-1]:.1f} s; quiet after {caught_up:.1f} s; "
            f"live streams reconnected {[one.connections - 1 for one in followers]}\n"
        )
    assert (missing, repeated, others) == ([], [], []), f"CHAOS_SEED={SEED}"
    assert seconds[-1] < PROMISED_SECONDS, f"CHAOS_SEED={SEED}"
