"""Events that wait in the logs, and how fast they leave once Redis is back."""

import asyncio
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
    """Seconds from Redis's return until the relays sent, had sent all, and all had its effect."""

    size: int
    noticed: float
    sent: float
    heard: float

    @property
    def per_second(self) -> float:
        """Events a second, once the relays had noticed that Redis is back."""
        return self.size / (self.sent - self.noticed)

    def __str__(self) -> str:
        return (
            f"backlog {self.size} events, sent within {self.sent:.1f} s "
            f"({self.size / self.sent:.0f}/s; {self.per_second:.0f}/s "
            f"after the relays noticed at {self.noticed:.1f} s), "
            f"every effect within {self.heard:.1f} s ({self.size / self.heard:.0f}/s)"
        )


@dataclass(frozen=True)
class Backlog:
    """What was stated up to a moment and not sent by then."""

    owner: asyncpg.Connection
    until: datetime
    size: int

    @classmethod
    async def now(cls, owner: asyncpg.Connection) -> "Backlog":
        """All that waits; transactions still open are not part of it."""
        until = await owner.fetchval("select now()")
        return cls(owner, until, await _unsent(owner, until))

    async def drained(self) -> Drain:
        """Watch it leave; call this the moment Redis is back."""
        clock = asyncio.get_running_loop().time
        began = clock()
        noticed = sent = heard = 0.0
        while not heard:
            await asyncio.sleep(LOOK_SECONDS)
            now = clock() - began
            waiting = 0 if sent else await _unsent(self.owner, self.until)
            assert now < LONGEST_SECONDS, f"{waiting} not sent, others perhaps not heard"
            if waiting == self.size:
                noticed = now
            elif not waiting:
                sent = sent or now
                heard = 0.0 if await _unheard(self.owner, self.until) else now
        return Drain(self.size, noticed, sent, heard)


async def _unsent(owner: asyncpg.Connection, until: datetime) -> int:
    waiting = 0
    for service in SERVICES:
        waiting += await owner.fetchval(
            f"select count(*) from {service}.event_log where published_at is null and time <= $1",  # noqa: S608 - our own names
            until,
        )
    return waiting


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
