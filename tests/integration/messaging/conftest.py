"""The backbone under a small service of its own: cases' schema, a table of effects, a stream."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.contracts.envelope import Event
from shared.contracts.registry import BeneficiaryChanged, BeneficiaryRegistered
from shared.database import Database, Tx
from shared.ending import end
from shared.messaging.consumer import Consumer
from shared.messaging.event_log import Fact, append
from shared.messaging.inbox import Reactions
from shared.messaging.relay import Relay, RelayOptions
from tests.conftest import SUMBERWULUH
from tests.fixtures.messengers import Messengers, messengers_on, reconnecting_redis
from tests.fixtures.stack import Stack

STREAM = "test:ev:registry"
CLAIM_MS = 1000


@dataclass
class Backbone:
    """Registry's log and relay, cases' inbox and consumer, and what the effects were."""

    stack: Stack
    producer: Database
    consumer: Database
    redis: Redis
    effects: list[uuid.UUID] = field(default_factory=list)
    poison: set[uuid.UUID] = field(default_factory=set)

    def relay(self, **options: Any) -> Relay:
        return Relay(
            "registry", self.producer, self.redis, prefix="test", options=RelayOptions(**options)
        )

    def consumer_of(self, reactions: Reactions | None = None, slot: str = "0") -> Consumer:
        return Consumer(
            "cases",
            slot=slot,
            redis_url=self.stack.redis_url,
            prefix="test",
            database=self.consumer,
            reactions=reactions or self.reactions,
            claim_after_ms=CLAIM_MS,
        )

    @property
    def reactions(self) -> Reactions:
        return {BeneficiaryRegistered: self._effect, BeneficiaryChanged: self._effect}

    async def _effect(self, event: Event, tx: Tx) -> None:
        if event.id in self.poison:
            raise ValueError("poison")
        await tx.fetch("insert into public.effects values ($1, $2)", event.id, event.subjectversion)

    async def state(self, count: int = 1, subject: uuid.UUID | None = None) -> list[uuid.UUID]:
        """Commit `count` facts to registry's log; returns their subjects."""
        subjects = [subject or uuid.uuid4() for _ in range(count)]
        async with self.producer.transaction() as tx:
            await append(
                tx,
                [Fact(one, version, fact(one)) for version, one in enumerate(subjects, start=1)],
            )
        return subjects

    async def applied(self) -> list[uuid.UUID]:
        async with self.consumer.transaction() as tx:
            return [row["event_id"] for row in await tx.fetch("select * from public.effects")]

    async def logged(self) -> list[uuid.UUID]:
        async with self.producer.transaction() as tx:
            return [row["id"] for row in await tx.fetch("select id from event_log order by seq")]

    async def sent(self) -> list[bytes]:
        """The entries of the stream, in its order."""
        entries: Any = await self.redis.xrange(STREAM)
        return [fields[b"e"] for _, fields in entries]

    async def raw(self) -> list[bytes]:
        async with self.producer.transaction() as tx:
            return [
                row["data"] for row in await tx.fetch("select data from event_log order by seq")
            ]


def fact(subject: uuid.UUID) -> BeneficiaryRegistered:
    return BeneficiaryRegistered(
        beneficiary_id=subject,
        kind=BeneficiaryKind.PERSON,
        area=SUMBERWULUH,
        confidentiality=Confidentiality.C1,
        categories=["LUT"],
    )


@pytest.fixture
async def backbone(clean: Stack) -> AsyncIterator[Backbone]:
    owner = await asyncpg.connect(clean.owner_url)
    await owner.execute(
        "create table if not exists public.effects (event_id uuid, version int);"
        "truncate public.effects;"
        "grant select, insert on public.effects to sinergi_cases_worker"
    )
    await owner.close()
    redis = reconnecting_redis(clean.redis_url)
    await redis.flushall()
    parts = Backbone(
        clean,
        Database(clean.environment["REGISTRY_WORKER_DATABASE_URL"], pool_size=4),
        Database(clean.environment["CASES_WORKER_DATABASE_URL"], pool_size=4),
        redis,
    )
    yield parts
    await parts.producer.close()
    await parts.consumer.close()
    await redis.aclose()


@pytest.fixture
async def messengers(clean: Stack) -> AsyncIterator[Messengers]:
    """Real message processes of cases and notifications, to be started and harmed."""
    async with messengers_on(clean) as made:
        yield made


@contextlib.asynccontextmanager
async def running(*loops: Any) -> AsyncIterator[None]:
    """Run endless loops for the length of the block."""
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    try:
        yield
    finally:
        ended = [task for task in tasks if task.done()]
        await end(tasks)
        for task in ended:
            # A loop must outlive every fault; show why it did not.
            task.result()


Running = Callable[..., AbstractAsyncContextManager[None]]
Wait = Callable[..., Awaitable[None]]
