import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from services.registry import worker
from services.registry.settings import Settings
from shared.auth import Actor
from shared.contracts.cases import ReferralAccepted
from shared.settings import CommonSettings
from tests.fixtures.processes import until
from tests.fixtures.stack import Stack
from tests.integration.registry.conftest import PRONOJIWO, Api, Register, Step

PREFIX = "registrytest"


@pytest.fixture
async def redis(clean: Stack) -> AsyncIterator[Redis]:
    client = Redis.from_url(clean.redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
async def running(
    environment: None, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """The message work of registry, on streams of its own."""
    monkeypatch.setenv("REDIS_PREFIX", PREFIX)
    async with worker.build(Settings(), CommonSettings()).running():
        yield


async def test_a_registration_reaches_the_stream_and_its_trail_is_sealed(
    *,
    running: None,
    psm: Actor,
    register: Register,
    redis: Redis,
    owner: asyncpg.Connection,
) -> None:
    made = await register(psm)

    async def sent() -> bool:
        entries: Any = await redis.xrange(f"{PREFIX}:ev:registry")
        return [json.loads(entry[b"e"])["subject"] for _, entry in entries] == [str(made)]

    async def sealed() -> bool:
        return bool(await owner.fetchval("select count(*) = 1 from audit_seals"))

    await until(sent)
    await until(sealed)


async def test_an_accepted_referral_from_the_stream_opens_the_record_to_its_holder(
    *,
    running: None,
    api: Api,
    psm: Actor,
    register: Register,
    redis: Redis,
    step: Step,
    make_actor: Callable[..., Actor],
) -> None:
    made = await register(psm)
    holder = make_actor("TAGANA", PRONOJIWO)
    accepted = step(ReferralAccepted, 2, made, holder.id)
    await redis.xadd(f"{PREFIX}:ev:cases", {"e": accepted.to_json()})

    async def opened() -> bool:
        return (await api(holder).get(f"/beneficiaries/{made}")).status_code == 200

    await until(opened)
