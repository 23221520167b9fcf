"""What a run may have lost, repeated or led astray, asked once everything has come to rest."""

import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg
from redis.asyncio import Redis

from shared.audit import verify
from shared.database import Database
from tests.chaos.browsers import Browser
from tests.chaos.city import City
from tests.chaos.follower import Follower
from tests.chaos.load import NEWCOMER, Acknowledged, Load
from tests.chaos.people import People
from tests.chaos.rung import unlisted
from tests.fixtures import invariants
from tests.fixtures.processes import until
from tests.fixtures.stack import Stack
from tests.fixtures.trail import Trail

QUIET_SECONDS: Final = 60.0
AUDITED: Final = ("directory", "registry", "cases")
"""Those that keep a trail of who read or changed what; notifications holds no record."""


@contextlib.asynccontextmanager
async def owner_of(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees all tables of all services."""
    connection = await asyncpg.connect(stack.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


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
                *await invariants.unrung(owner),
            ]

    async def is_here(self) -> bool:
        return not await self.left()

    async def seconds_until(self) -> float:
        """How long it took; the deadline if it never came, for the verdict to say why."""
        began = time.monotonic()
        with contextlib.suppress(AssertionError):
            await until(self.is_here, QUIET_SECONDS)
        return time.monotonic() - began


@dataclass(frozen=True)
class Verdict:
    """What does not hold; each line says one thing, and all three are empty after a good run."""

    missing: list[str]
    repeated: list[str]
    others: list[str]

    @property
    def faults(self) -> list[str]:
        return [*self.missing, *self.repeated, *self.others]

    def __str__(self) -> str:
        counts = len(self.missing), len(self.repeated), len(self.others)
        return "missing {}, repeated {}, other {}".format(*counts)


async def verdict(
    stack: Stack,
    *,
    city: City,
    people: People,
    trail: Trail,
    load: Load,
    browsers: Sequence[Browser],
    followers: Sequence[Follower],
) -> Verdict:
    """Judge a run; all followers must still be connected."""
    async with owner_of(stack) as owner:

        async def astray() -> list[str]:
            return [line for one in followers for line in await _misled(owner, one)]

        async def followed() -> bool:
            return not await astray()

        with contextlib.suppress(AssertionError):
            await until(followed)
        return Verdict(
            missing=[
                *await _lost(owner, load.acknowledged),
                *await _unregistered(owner, load.registered),
                *await Quiet(stack).left(),
                *await invariants.unnoticed(owner),
                *await invariants.stale(owner),
                *await invariants.misremembered(owner),
                *await unlisted(owner, stack, people),
                *await astray(),
                *[line for one in browsers for line in await _unseen(owner, one)],
            ],
            repeated=[
                *await _made_twice(owner, load.acknowledged),
                *await _registered_twice(owner, load.registered),
                *await trail.repeated(),
                *await invariants.repeated_lines(owner),
            ],
            others=[
                *load.refused,
                *[line for browser in browsers for line in browser.refused],
                *[line for follower in followers for line in follower.refused],
                *await invariants.gaps(owner),
                *await invariants.dead(owner),
                *await invariants.invented(owner),
                *await trail.receding(),
                *await invariants.receding_lines(owner),
                *await invariants.miscounted(owner),
                *await invariants.miscounted_records(owner),
                *await _unchained(stack),
                *city.ended_by_themselves(),
                *await city.spinning(),
            ],
        )


async def _lost(owner: asyncpg.Connection, acknowledged: list[Acknowledged]) -> list[str]:
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


async def _made_twice(owner: asyncpg.Connection, acknowledged: list[Acknowledged]) -> list[str]:
    """Referrals nobody was told of and no other was rerouted to: a retry made a second one."""
    known = {step.referral_id for step in acknowledged}
    rows = await owner.fetch("select id from cases.referrals where rerouted_from is null")
    return [f"{row['id']} was made by a retry" for row in rows if row["id"] not in known]


async def _unregistered(owner: asyncpg.Connection, registered: list[uuid.UUID]) -> list[str]:
    """People who were acknowledged and have no record, or no event that says so."""
    rows = await owner.fetch(
        """
        select kept.id from registry.beneficiaries kept
        join registry.event_log log on log.subject = kept.id
        where log.type = 'id.sinergi.registry.beneficiary.registered.v1'
        """
    )
    kept = {row["id"] for row in rows}
    return [f"{one} was registered and is gone" for one in registered if one not in kept]


async def _registered_twice(owner: asyncpg.Connection, registered: list[uuid.UUID]) -> list[str]:
    """Newcomers nobody was told of: a retry made a second one."""
    rows = await owner.fetch("select id from registry.beneficiaries where name = $1", NEWCOMER)
    known = set(registered)
    return [f"{row['id']} was made by a retry" for row in rows if row["id"] not in known]


async def _unchained(stack: Stack) -> list[str]:
    """Services whose audit trail was changed, or lost what was sealed."""
    chains = {}
    for service in AUDITED:
        database = Database(stack.environment[f"{service.upper()}_WORKER_DATABASE_URL"])
        async with database.transaction() as tx:
            chains[service] = await verify(tx)
        await database.close()
    # People were registered; cases and directory may have had nothing to note in a short run.
    unsealed = [] if chains["registry"].rows else ["the audit trail of registry is empty"]
    return unsealed + [
        f"the audit trail of {service} breaks at {chain.broken_at}"
        for service, chain in chains.items()
        if chain.broken_at is not None
    ]


async def _misled(owner: asyncpg.Connection, follower: Follower) -> list[str]:
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


async def _unseen(owner: asyncpg.Connection, browser: Browser) -> list[str]:
    """Whether a browser has no page now, or not the newest referral its worker sent on it."""
    newest = await owner.fetchval(
        "select id from cases.referrals where sender_id = $1 order by id desc limit 1",
        browser.worker.id,
    )
    page = await browser.read()
    if page and (newest is None or f"/rujukan/{newest}" in page):
        return []
    return [f"browser of {browser.worker.id}: {newest} is not in {len(page)} characters"]
