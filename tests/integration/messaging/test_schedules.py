"""Relay, stream and two consumers under any schedule: each event ends with one effect.

The real relay, inbox, PostgreSQL and Valkey take the steps; only their order, and where a process
dies, is drawn by Hypothesis, which shrinks a schedule that breaks the promise.
"""

import contextlib
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
import redis as blocking
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis.exceptions import ResponseError, WatchError

from shared.database import Tx
from shared.messaging import relay as relay_module
from shared.messaging.event_log import Fact, append
from shared.messaging.inbox import Entry, Inbox
from tests.integration.messaging.conftest import STREAM, Backbone, fact

BEFORE, AFTER = "relay.before_xadd", "relay.after_xadd"
GROUP = "cases"
STEPS = [
    *["say", "relay"] * 4,
    "begin a slow transaction",
    "commit the slow transaction",
    "relay, killed before sending",
    "relay, killed after sending",
    "relay, wiped midway",
    "wipe",
    *(
        f"{step} {consumer}"
        for consumer in (0, 1)
        for step in ("read", "apply", "acknowledge", "claim", "die")
    ),
]


class Killed(Exception):
    """Ends a round of the relay as the death of its process would."""


@dataclass
class Hands:
    """What one consumer has read, and what of it is settled."""

    entries: list[Entry] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)


class City:
    """The backbone, moved step by step."""

    def __init__(self, backbone: Backbone) -> None:
        self._backbone = backbone
        self._relay = backbone.relay()
        self._inbox = Inbox(GROUP, backbone.consumer, backbone.reactions)
        self._hands = [Hands(), Hands()]
        self._slow: contextlib.AsyncExitStack | None = None

    async def take(self, step: str) -> None:
        match step.rsplit(" ", 1):
            case ["read", number]:
                await self._read(int(number))
            case ["apply", number]:
                hands = self._hands[int(number)]
                hands.settled = await self._inbox.apply(STREAM, hands.entries)
            case ["acknowledge", number]:
                await self._acknowledge(self._hands[int(number)])
            case ["claim", number]:
                await self._claim(int(number))
            case ["die", number]:
                self._hands[int(number)] = Hands()
            case _:
                await self._take_at_the_source(step)

    async def come_to_rest(self) -> None:
        """Let everything go on undisturbed until nothing is left to do."""
        await self._commit_slow()
        while await self._round():
            continue
        while await self._claim(0) or await self._read(0):
            await self.take("apply 0")
            await self.take("acknowledge 0")

    async def _take_at_the_source(self, step: str) -> None:
        match step:
            case "say":
                await self._backbone.state(2)
            case "begin a slow transaction":
                await self._begin_slow()
            case "commit the slow transaction":
                await self._commit_slow()
            case "relay":
                await self._round()
            case "relay, killed before sending":
                await self._round(kill=BEFORE)
            case "relay, killed after sending":
                await self._round(kill=AFTER)
            case "relay, wiped midway":
                await self._round(wipe=BEFORE)
            case "wipe":
                await self._backbone.redis.flushall()

    async def _round(self, *, kill: str = "", wipe: str = "") -> int:
        def at(place: str) -> None:
            if place == wipe:
                with blocking.Redis.from_url(self._backbone.stack.redis_url) as redis:
                    redis.flushall()
            if place == kill:
                raise Killed

        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Killed, WatchError):
            patch.setattr(relay_module, "hit", at)
            return await self._relay.round()
        return 1

    async def _begin_slow(self) -> None:
        if self._slow is None:
            self._slow = contextlib.AsyncExitStack()
            tx: Tx = await self._slow.enter_async_context(self._backbone.producer.transaction())
            subject = uuid.uuid4()
            await append(tx, [Fact(subject, 1, fact(subject))])

    async def _commit_slow(self) -> None:
        if self._slow is not None:
            slow, self._slow = self._slow, None
            await slow.aclose()

    async def _read(self, number: int) -> bool:
        await self._ensure_group()
        found: Any = await self._backbone.redis.xreadgroup(
            GROUP, f"consumer-{number}", {STREAM: ">"}, count=3
        )
        return self._hold(number, found[0][1] if found else [])

    async def _claim(self, number: int) -> bool:
        """Take over what anybody holds, also the living: they may be stopped."""
        await self._ensure_group()
        _, found, *_ = await self._backbone.redis.xautoclaim(
            STREAM, GROUP, f"consumer-{number}", min_idle_time=0, count=3
        )
        return self._hold(number, found)

    def _hold(self, number: int, found: list[tuple[bytes, dict[bytes, bytes]]]) -> bool:
        self._hands[number] = Hands(
            [Entry(entry_id.decode(), fields[b"e"]) for entry_id, fields in found]
        )
        return bool(found)

    async def _acknowledge(self, hands: Hands) -> None:
        if hands.settled:
            await self._backbone.redis.xack(STREAM, GROUP, *hands.settled)

    async def _ensure_group(self) -> None:
        with contextlib.suppress(ResponseError):
            await self._backbone.redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)


async def begin_anew(backbone: Backbone) -> None:
    owner = await asyncpg.connect(backbone.stack.owner_url)
    await owner.execute(
        "truncate registry.event_log, registry.relay_state, cases.inbox, public.effects"
    )
    await owner.close()
    await backbone.redis.flushall()


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(schedule=st.lists(st.sampled_from(STEPS), min_size=5, max_size=40))
@example(schedule=["say", "relay", "say", "relay, wiped midway"])
@example(schedule=["say", "relay, killed after sending", "read 0", "wipe", "relay", "apply 0"])
@example(schedule=["say", "relay", "read 0", "claim 1", "apply 1", "apply 0", "acknowledge 0"])
async def test_any_schedule_ends_with_one_effect_per_event(
    backbone: Backbone, schedule: list[str]
) -> None:
    await begin_anew(backbone)
    city = City(backbone)
    for step in schedule:
        await city.take(step)
    await city.come_to_rest()
    applied = Counter(await backbone.applied())
    assert set(applied) == set(await backbone.logged())
    assert max(applied.values(), default=1) == 1
