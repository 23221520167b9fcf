"""Redis or PostgreSQL away for a while: every process runs, and people go on working.

REDIS_OUTAGE_SECONDS and POSTGRES_OUTAGE_SECONDS say for how long, REDIS_OUTAGE_EVENTS how many
events an import adds to what waits for Redis. A full run is 600, 60 and 50000. What callers wait
for an answer is asked of the load alone, before the import takes its share of the processors.
"""

import asyncio
import contextlib
import os
import sys
import uuid
from collections.abc import AsyncIterator
from typing import Final

import httpx2
import pytest

from tests.chaos.answers import Answers
from tests.chaos.backlog import Backlog
from tests.chaos.browsers import Browser
from tests.chaos.city import City
from tests.chaos.follower import Follower
from tests.chaos.load import Load
from tests.chaos.people import People, register
from tests.chaos.verdict import Quiet, owner_of, verdict
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.fixtures.trail import Trail

REDIS_SECONDS = float(os.environ.get("REDIS_OUTAGE_SECONDS", "15"))
REDIS_EVENTS = int(os.environ.get("REDIS_OUTAGE_EVENTS", "2000"))
POSTGRES_SECONDS = float(os.environ.get("POSTGRES_OUTAGE_SECONDS", "10"))
SEED: Final = 1
WARMING_SECONDS: Final = 2.0
IMPORTED_AT_ONCE: Final = 500
PATIENT_STORIES_PER_SECOND: Final = 3
"""Every story waits for PostgreSQL and asks again each second: few, or they ask without end."""
NEVER_SECONDS: Final = 10.0
"""Who waited this long was not answered, however busy the machine."""
SLOWER_SECONDS: Final = 0.05
"""What two short measurements on a shared machine differ by without any cause."""
DRAINED_PER_SECOND: Final = 5_000 if REDIS_EVENTS >= 50_000 else 1_000
"""A short backlog is gone before the relays are at their full speed."""
REFUSED_SECONDS: Final = 2.0
RECONNECTED_SECONDS: Final = 5.0


class Phases:
    """Names the parts of a run, to compare what was answered in each."""

    def __init__(self) -> None:
        self._clock = asyncio.get_running_loop().time
        self._began: dict[str, float] = {}

    def begin(self, name: str) -> float:
        """The part before ends here."""
        self._began[name] = self._clock()
        return self._began[name]

    async def spend(self, name: str, seconds: float) -> None:
        """Begin a part and let it last so long."""
        self.begin(name)
        await asyncio.sleep(seconds)

    def split(self, answers: Answers) -> dict[str, Answers]:
        """What was asked in each part."""
        ends = [*list(self._began.values())[1:], self._clock()]
        return {
            name: answers.between(began, end)
            for (name, began), end in zip(self._began.items(), ends, strict=True)
        }

    def compare(self, answers: Answers) -> str:
        """One line a part."""
        return "".join(f"\n    {name}: {part}" for name, part in self.split(answers).items())


@contextlib.asynccontextmanager
async def without_redis(stack: Stack) -> AsyncIterator[None]:
    await asyncio.to_thread(stack.valkey.stop)
    try:
        yield
    finally:
        # Started from this thread: the kernel ends the server with whichever started it.
        stack.valkey.start()
        await asyncio.to_thread(stack.valkey.wait_ready)


@contextlib.asynccontextmanager
async def without_postgres(stack: Stack) -> AsyncIterator[None]:
    await asyncio.to_thread(stack.postgres.stop, "immediate")
    try:
        yield
    finally:
        stack.postgres.start()
        await asyncio.to_thread(stack.postgres.wait_ready)


async def unready(city: City) -> list[str]:
    """The processes that say they are not ready."""
    async with httpx2.AsyncClient(trust_env=False, timeout=NEVER_SECONDS) as client:
        return [
            name
            for name, process in city.processes.items()
            if (await client.get(f"{process.url}/health/ready")).status_code != httpx2.codes.OK
        ]


async def reads(stack: Stack, people: People) -> list[httpx2.Response]:
    """A read of every service."""
    sender = people.senders[0]
    headers = {"Authorization": f"Bearer {stack.token(sender)}"}
    addresses = [
        f"{stack.url_of('directory')}/workers?pillar=PSM&area={SUMBERWULUH}",
        f"{stack.url_of('registry')}/beneficiaries/{people.beneficiaries[0]}",
        f"{stack.url_of('cases')}/worklist",
        f"{stack.url_of('notifications')}/notices",
    ]
    async with httpx2.AsyncClient(
        trust_env=False, timeout=NEVER_SECONDS, headers=headers
    ) as client:
        return [await client.get(address) for address in addresses]


async def test_f14_without_redis_callers_notice_nothing_and_afterwards_all_arrives(
    clean: Stack,
    trail: Trail,
    city: City,
    people: People,
    browsers: list[Browser],
    followers: list[Follower],
    capsys: pytest.CaptureFixture[str],
) -> None:
    load = Load(clean, people, SEED, patience=NEVER_SECONDS)
    phases = Phases()
    compared = max(REDIS_SECONDS / 5, 5)
    async with load.running(), owner_of(clean) as owner:
        await phases.spend("warming up", WARMING_SECONDS)
        await phases.spend("with Redis", compared)
        async with without_redis(clean):
            steps = len(load.acknowledged)
            await phases.spend("without Redis", REDIS_SECONDS)
            steps = len(load.acknowledged) - steps
            not_ready = await unready(city)
            phases.begin("importing without Redis")
            for _ in range(0, REDIS_EVENTS, IMPORTED_AT_ONCE):
                newcomers = [uuid.uuid4() for _ in range(IMPORTED_AT_ONCE)]
                await register(newcomers, people.senders[0], clean.environment)
            backlog = await Backlog.now(owner)
            assert backlog.size >= steps + REDIS_EVENTS
        phases.begin("catching up")
        drain = await backlog.drained()
        await phases.spend("with Redis again", compared)
    await city.wait_ready()
    quiet = await Quiet(clean).seconds_until()
    found = await verdict(
        clean,
        city=city,
        people=people,
        trail=trail,
        load=load,
        browsers=browsers,
        followers=followers,
    )
    pages = Answers(answer for browser in browsers for answer in browser.answers)
    with capsys.disabled():
        sys.stdout.write(
            f"\nRedis away {REDIS_SECONDS:.0f} s and an import of {REDIS_EVENTS}; "
            f"steps of referrals:{phases.compare(load.answers)}\n  pages:{phases.compare(pages)}\n"
            f"  {drain}; {found}; quiet after {quiet:.1f} s\n"
        )
    assert load.retries == {}
    assert {answer.status for answer in pages} == {200}
    steps_of = phases.split(load.answers)
    before, without = (steps_of[name].percentile(0.99) for name in ("with Redis", "without Redis"))
    assert without <= 2 * before + SLOWER_SECONDS
    assert drain.per_second > DRAINED_PER_SECOND
    # Who listens to others needs Redis; who answers requests does not.
    assert not_ready == ["registry", "cases-worker-0", "cases-worker-1", "notifications-worker"]
    assert found.faults == []


async def test_f16_without_postgresql_callers_are_told_to_come_back_and_then_all_goes_on(
    clean: Stack,
    trail: Trail,
    city: City,
    people: People,
    browsers: list[Browser],
    followers: list[Follower],
    capsys: pytest.CaptureFixture[str],
) -> None:
    load = Load(clean, people, SEED, per_second=PATIENT_STORIES_PER_SECOND, patience=NEVER_SECONDS)
    phases = Phases()
    compared = max(POSTGRES_SECONDS / 5, 5)
    assert {answer.status_code for answer in await reads(clean, people)} == {200}
    async with load.running():
        await phases.spend("warming up", WARMING_SECONDS)
        await phases.spend("with PostgreSQL", compared)
        phases.begin("stopping it")
        async with without_postgres(clean):
            # A portal that starts now knows no session, and nobody can tell it.
            await city.restart("portal")
            gone = phases.begin("without PostgreSQL")
            refusals = await reads(clean, people)
            not_ready = await unready(city)
            await asyncio.sleep(POSTGRES_SECONDS)
            returns = phases.begin("starting it")
        back = phases.begin("with PostgreSQL again")
        await city.wait_ready()
        all_ready = asyncio.get_running_loop().time() - back
        await asyncio.sleep(compared)
    quiet = await Quiet(clean).seconds_until()
    found = await verdict(
        clean,
        city=city,
        people=people,
        trail=trail,
        load=load,
        browsers=browsers,
        followers=followers,
    )
    done = load.answers.that(lambda answer: answer.status in {200, 201})
    reconnected = min(one.at + one.seconds for one in done if one.at > returns) - back
    pages = Answers(answer for browser in browsers for answer in browser.answers)
    with capsys.disabled():
        sys.stdout.write(
            f"\nPostgreSQL away {POSTGRES_SECONDS:.0f} s; "
            f"steps of referrals:{phases.compare(load.answers)}\n  pages:{phases.compare(pages)}\n"
            f"  first step done {reconnected:.1f} s after its return, every process ready after "
            f"{all_ready:.1f} s; {found}; quiet after {quiet:.1f} s\n"
        )
    steps_gone = load.answers.within(gone, returns)
    assert set(load.retries) == {"503"}
    assert {answer.status for answer in steps_gone} == {503}
    assert steps_gone.percentile(0.9) < REFUSED_SECONDS
    assert {answer.retry_after for answer in load.answers if answer.status == 503} == {"2"}
    assert [(one.status_code, one.headers["retry-after"]) for one in refusals] == [(503, "2")] * 4
    assert {answer.status for answer in pages.within(gone, returns)} == {503}
    # The portal is there to say so.
    assert not_ready == [name for name in city.processes if name != "portal"]
    assert reconnected < RECONNECTED_SECONDS
    assert found.faults == []
