"""Fixtures every test folder may use."""

import asyncio
import logging
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from tests.fixtures.servers import versions
from tests.fixtures.stack import Stack, empty, running_stack

SUMBERWULUH = "35.08.03.2005"
CANDIPURO = "35.08.03"
LUMAJANG = "35.08"
SERVERS = pytest.StashKey[str]()

# How long an example takes says something of the machine, and nothing of the rule it tries.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# At each request httpx2 looks in vain for a package that is not installed, and writes a line that
# pytest keeps: a third of what a call in this process costs.
sys.modules["sniffio"] = None  # type: ignore[assignment] # Python's own word for "not there"
logging.getLogger("httpx2").setLevel(logging.WARNING)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if SERVERS in config.stash:
        terminalreporter.write_line(f"The tests ran on {config.stash[SERVERS]}.")


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Real PostgreSQL and Valkey, migrated, shared by the whole run."""
    with running_stack() as running:
        ran_on = asyncio.run(versions(running.owner_url, running.redis_url))
        request.config.stash[SERVERS] = ran_on
        yield running


@pytest.fixture(scope="session")
async def emptying(stack: Stack) -> AsyncIterator[asyncpg.Pool]:
    """One connection for all tests: a new one would have to learn of every table first."""
    async with asyncpg.create_pool(stack.owner_url, min_size=0, max_size=1) as pool:
        yield pool


@pytest.fixture
async def clean(stack: Stack, emptying: asyncpg.Pool) -> Stack:
    """The stack with no rows in it."""
    async with emptying.acquire() as connection:
        await empty(connection)
    return stack


@pytest.fixture
def make_actor() -> Callable[..., Actor]:
    """Makes a worker with one duty: `make_actor("PSM", "35.08.03.2005")`."""

    def make(
        pillar: str,
        area: str,
        role: Role = Role.WORKER,
        organisation_id: uuid.UUID | None = None,
    ) -> Actor:
        return Actor(uuid.uuid4(), "worker", (Duty(pillar, area, role, organisation_id),))

    return make


@pytest.fixture
def psm(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("PSM", SUMBERWULUH)


@pytest.fixture
def tksk(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("TKSK", CANDIPURO)
