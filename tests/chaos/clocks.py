"""Deadlines brought close, so that the clock of cases rings while faults happen.

Of each chosen referral one alarm comes due within seconds and the next one hours later, so what
must ring is known beforehand and no catching-up may merge it with another.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg

from tests.chaos.people import People
from tests.fixtures.stack import Stack

SECONDS_AHEAD: Final = (0.5, 4.0)
AGAIN_SECONDS: Final = 0.2

_SETUP: Final = """
    drop schema if exists clocks cascade;
    create schema clocks;
    create table clocks.alarms (
        referral_id uuid primary key,
        deadline text not null,
        portion float8 not null,
        raced boolean not null,
        at timestamptz not null
    );
    create table clocks.rings (
        referral_id uuid references clocks.alarms,
        verb text,
        told uuid[] not null,
        primary key (referral_id, verb)
    );
"""


@dataclass(frozen=True)
class Alarm:
    """One alarm to come: after which verbs, of which deadline, and what the clock then does."""

    after: tuple[str, ...]
    deadline: str
    portion: float
    """So many times its limit after the deadline, or before it."""
    rings: Mapping[str, tuple[str, ...]]
    """What the clock does, and which parties get a notice of it."""
    race: tuple[str, ...] = ()
    """What a person does at the very moment it comes due."""


_GIVEN_UP: Final = {"escalate": ("officers",), "reroute": ("sender", "receivers")}
_TAKEN: Final = ("accept",)
_BEGUN: Final = ("accept", "start")
ALARMS: Final = (
    Alarm((), "reply", -0.5, {"remind": ("receivers",)}),
    Alarm((), "reply", -0.1, {"remind": ("receivers",)}),
    Alarm((), "reply", 0, {"escalate": ("coordinators",)}),
    Alarm((), "reply", 1, {"escalate": ("officers",)}),
    Alarm((), "reply", 2, _GIVEN_UP),
    Alarm((), "reply", 2, _GIVEN_UP),
    Alarm((), "reply", 0, {"escalate": ("coordinators",)}, race=("accept",)),
    Alarm(_TAKEN, "act", -0.5, {"remind": ("holder",)}),
    Alarm(_TAKEN, "act", -0.1, {"remind": ("holder",)}),
    Alarm(_TAKEN, "act", 0, {"escalate": ("coordinators",)}),
    Alarm(_TAKEN, "act", 0.25, {"escalate": ("officers",)}),
    Alarm(_TAKEN, "act", -0.1, {"remind": ("holder",)}, race=("start",)),
    Alarm(_BEGUN, "close", -0.5, {"remind": ("holder",)}),
    Alarm(_BEGUN, "close", -0.1, {"remind": ("holder",)}),
    Alarm(_BEGUN, "close", 0, {"escalate": ("coordinators",)}),
    Alarm(_BEGUN, "close", 0.25, {"escalate": ("officers",)}),
    Alarm((*_TAKEN, "hold"), "hold", 0, {"resume": ("holder", "sender")}),
    Alarm((*_BEGUN, "hold"), "hold", 0, {"resume": ("holder", "sender")}),
    Alarm(("return",), "reply", -0.5, {"remind": ("sender",)}),
    Alarm(("return",), "reply", 0, {"escalate": ("coordinators",)}),
)
"""Every stage of every deadline, in each status where it runs."""

_COLUMNS: Final = {
    "reply": ("reply_by", "reply_limit"),
    "act": ("act_by", "act_limit"),
    "close": ("close_by", "close_limit"),
    "hold": ("hold_until", "interval '0'"),
}


def ids_of(party: str, people: People, sender: uuid.UUID, holder: uuid.UUID) -> list[uuid.UUID]:
    """Who a party of an alarm is, where `sender` sent to those of whom `holder` answers."""
    match party:
        case "sender":
            return [sender]
        case "holder":
            return [holder]
        case "receivers":
            return [one.id for one in people.receivers]
        case "coordinators":
            return [one.id for one in people.coordinators]
        case _:
            return [one.id for one in people.officers]


class Clocks:
    """Moves deadlines, and keeps in the database which alarm of which referral must ring."""

    def __init__(self, url: str, people: People) -> None:
        self._url = url
        self._people = people

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """The book of alarms exists while the block is open."""
        await self._run(_SETUP)
        try:
            yield
        finally:
            await self._run("drop schema clocks cascade")

    async def bring_close(
        self,
        referral_id: uuid.UUID,
        alarm: Alarm,
        *,
        sender: uuid.UUID,
        holder: uuid.UUID,
        seconds: float,
    ) -> None:
        """Let this alarm come due so many seconds from now, once, however often it takes."""
        column, limit = _COLUMNS[alarm.deadline]
        due_at = "due_at" if alarm.deadline == "hold" else column
        move = f"""
            with alarm as (
                insert into clocks.alarms (referral_id, deadline, portion, raced, at)
                values ($1, $2, $3, $4, now() + $5 * interval '1 second')
                on conflict do nothing returning referral_id, portion, at
            ), moved as (
                select id, at, at - portion * {limit} as deadline
                from alarm join cases.referrals on id = referral_id
            )
            update cases.referrals r
            set {column} = moved.deadline, alarm_at = moved.at, rung_until = now()
            from moved where r.id = moved.id
        """  # noqa: S608 - our own names
        show = f"update cases.referrals set due_at = {due_at} where id = $1"  # noqa: S608 - ours too
        ring = "insert into clocks.rings values ($1, $2, $3) on conflict do nothing"
        values = (alarm.deadline, alarm.portion, bool(alarm.race), seconds)
        rings = [
            (
                referral_id,
                verb,
                [one for party in to for one in ids_of(party, self._people, sender, holder)],
            )
            for verb, to in alarm.rings.items()
        ]
        while True:
            try:
                connection = await asyncpg.connect(self._url)
                try:
                    async with connection.transaction():
                        await connection.execute(move, referral_id, *values)
                        await connection.execute(show, referral_id)
                        await connection.executemany(ring, rings)
                    return
                finally:
                    await connection.close()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(AGAIN_SECONDS)

    async def _run(self, script: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(script)
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def clocks_of(stack: Stack, people: People) -> AsyncIterator[Clocks]:
    """Clocks of a stack whose book is kept for as long as the block is open."""
    clocks = Clocks(stack.owner_url, people)
    async with clocks.kept():
        yield clocks
