"""All at once: load, due deadlines, killed and stopped processes, a wiped Valkey, crashes.

CHAOS_SEED draws the faults and the load, CHAOS_SECONDS says for how long; a minute is a full run.
"""

import asyncio
import os
import sys

import asyncpg
import pytest

from tests.chaos.browsers import Browser
from tests.chaos.city import City
from tests.chaos.clocks import clocks_of
from tests.chaos.faults import KINDS, Chaos, plan
from tests.chaos.follower import Follower
from tests.chaos.load import Load
from tests.chaos.people import People
from tests.chaos.rung import PROMISED_SECONDS, rung
from tests.chaos.verdict import Quiet, owner_of, verdict
from tests.fixtures.stack import Stack
from tests.fixtures.trail import Trail

SECONDS = float(os.environ.get("CHAOS_SECONDS", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))


async def waits(owner: asyncpg.Connection) -> list[float]:
    """Seconds from each event's commit to its effect in notifications, shortest first."""
    rows = await owner.fetch(
        """
        select extract(epoch from received_at - event_time)::float8 as seconds
        from notifications.inbox where source = '/sinergi/cases' order by 1
        """
    )
    return [row["seconds"] for row in rows]


def absences(city: City, browsers: list[Browser]) -> list[float]:
    """For each kill of the portal and each browser, seconds until it had a page again."""
    return [
        browser.seconds_without_a_page(killed)
        for killed in city.kills["portal"]
        for browser in browsers
    ]


async def test_no_fault_loses_repeats_or_reverses_anything(
    clean: Stack,
    trail: Trail,
    city: City,
    people: People,
    browsers: list[Browser],
    followers: list[Follower],
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with clocks_of(clean, people) as clocks:
        chaos = Chaos(city, plan(SEED, SECONDS, list(city.processes)))
        load = Load(clean, people, SEED, clocks=clocks)
        async with load.running():
            await asyncio.gather(chaos.run(), asyncio.sleep(SECONDS))
        await city.wait_ready()
        caught_up = await Quiet(clean).seconds_until()
        found = await verdict(
            clean,
            city=city,
            people=people,
            trail=trail,
            load=load,
            browsers=browsers,
            followers=followers,
        )
        absent = absences(city, browsers)
        async with owner_of(clean) as owner:
            seconds = await waits(owner)
            rings = await rung(owner, people)
    with capsys.disabled():
        sys.stdout.write(
            f"\nchaos seed {SEED}, {SECONDS:.0f} s: faults {dict(chaos.done)}, "
            f"kills { ({name: len(times) for name, times in city.kills.items()}) }; "
            f"{len(load.acknowledged)} acknowledged steps, {len(load.registered)} people, "
            f"{len(seconds)} events, "
            f"retries {dict(load.retries)}; {found}; "
            f"alarms: {rings}; "
            f"to effect p50 {seconds[len(seconds) // 2]:.3f} s, max {seconds[-1]:.1f} s; "
            f"quiet after {caught_up:.1f} s; "
            f"live streams reconnected {[one.connections - 1 for one in followers]}; "
            f"after a kill of the portal a page within {max(absent, default=0):.1f} s\n"
        )
    assert set(chaos.done) == set(KINDS), f"CHAOS_SEED={SEED}"
    assert load.registered, f"CHAOS_SEED={SEED}"
    assert found.faults == [], f"CHAOS_SEED={SEED}"
    assert rings.faults == [], f"CHAOS_SEED={SEED}"
    assert set(rings.verbs) == {"remind", "escalate", "resume", "reroute"}, f"CHAOS_SEED={SEED}"
    assert rings.late[-1] < PROMISED_SECONDS, f"CHAOS_SEED={SEED}"
    assert seconds[-1] < PROMISED_SECONDS, f"CHAOS_SEED={SEED}"
