"""Events that wait in the logs, and how fast they leave once Redis is back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from shared.migrations import SERVICES
from tests.fixtures.invariants import LISTENERS, publishers_of

LOOK_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 300.0


@dataclass(frozen=True)
class Drain:
    """Seconds from Redis's return until the relays had sent all, and all had its effect.

    `noticed` is when the relay of the longest log began: each tries again in its own time.
    """

    size: int
    longest: int
    noticed: float
    sent: float
    heard: float

    @property
    def per_second(self) -> float:
        """Events a second of the longest log, once its relay had noticed that Redis is back."""
        return self.longest / (self.sent - self.noticed)

    def __str__(self) -> str:
        return (
            f"backlog {self.size} events, sent within {self.sent:.1f} s "
            f"({self.size / self.sent:.0f}/s; the longest log with {self.longest} at "
            f"{self.per_second:.0f}/s after its relay noticed at {self.noticed:.1f} s), "
            f"every effect within {self.heard:.1f} s ({self.size / self.heard:.0f}/s)"
        )


@dataclass(frozen=True)
class Backlog:
    """What was stated up to a moment and not sent by then."""

    owner: asyncpg.Connection
    until: datetime
    sizes: Mapping[str, int]
    """By the service whose log it is."""

    @classmethod
    async def now(cls, owner: asyncpg.Connection) -> "Backlog":
        """All that waits; transactions still open are not part of it."""
        until = await owner.fetchval("select now()")
        return cls(owner, until, await _unsent(owner, until))

    @property
    def size(self) -> int:
        """Of all logs together."""
        return sum(self.sizes.values())

    async def drained(self) -> Drain:
        """Watch it leave; call this the moment Redis is back."""
        clock = asyncio.get_running_loop().time
        began = clock()
        longest = max(self.sizes, key=self.sizes.__getitem__)
        noticed = sent = heard = 0.0
        while not heard:
            await asyncio.sleep(LOOK_SECONDS)
            now = clock() - began
            waiting = {} if sent else await _unsent(self.owner, self.until)
            assert now < LONGEST_SECONDS, f"{waiting} not sent, others perhaps not heard"
            if waiting.get(longest) == self.sizes[longest]:
                noticed = now
            elif not any(waiting.values()):
                sent = sent or now
                heard = 0.0 if await _unheard(self.owner, self.until) else now
        return Drain(self.size, self.sizes[longest], noticed, sent, heard)


async def _unsent(owner: asyncpg.Connection, until: datetime) -> dict[str, int]:
    return {
        service: await owner.fetchval(
            f"select count(*) from {service}.event_log where published_at is null and time <= $1",  # noqa: S608 - our own names
            until,
        )
        for service in SERVICES
    }


async def _unheard(owner: asyncpg.Connection, until: datetime) -> bool:
    for listener, reactions in LISTENERS.items():
        for publisher in publishers_of(listener):
            if await owner.fetchval(
                f"""
                select exists (
                    select from {publisher}.event_log log
                    where type = any($1) and time <= $2
                      and not exists (select from {listener}.inbox where event_id = log.id))
                """,  # noqa: S608 - our own names
                [event.wire_type() for event in reactions],
                until,
            ):
                return True
    return False
