"""Fixtures of notifications: its inbox, its API in this process, and its API behind a socket."""

import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import asyncpg
import httpx2
import pytest

from services.notifications.main import build
from services.notifications.reactions import REACTIONS
from services.notifications.settings import Settings
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.contracts.envelope import Event
from shared.database import Database
from shared.messaging.inbox import Entry, Inbox
from shared.settings import CommonSettings
from tests.fixtures.stack import Stack
from tests.integration.notifications.live import LiveServer

ClientOf = Callable[[Actor], httpx2.AsyncClient]
Serve = Callable[..., AbstractAsyncContextManager[LiveServer]]


class Heard:
    """Events as the consumer would hand them over."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.inbox = Inbox("notifications", database, REACTIONS)

    async def hear(self, *events: Event, times: int = 1) -> None:
        """Apply the events in one batch, each as often as said; none may fail."""
        entries = entries_of([event for event in events for _ in range(times)])
        settled = await self.inbox.apply("test:ev:cases", entries)
        assert len(settled) == len(entries)

    async def hear_in_pieces(self, events: Iterable[Event], shuffle: random.Random) -> None:
        """Apply the events in batches of random size."""
        rest = list(events)
        while rest:
            size = shuffle.randint(1, 5)
            await self.hear(*rest[:size])
            rest = rest[size:]


def worker(
    worker_id: UUID,
    *,
    pillar: str = "PSM",
    area: str = "35.08.03.2005",
    role: Role = Role.WORKER,
) -> Actor:
    """This person, signed in, with one duty."""
    return Actor(worker_id, "worker", (Duty(pillar, area, role),))


def entries_of(events: Iterable[Event]) -> list[Entry]:
    return [Entry(str(number), event.to_json()) for number, event in enumerate(events)]


def settings_of(stack: Stack, **changes: float) -> Settings:
    """The settings a process of ours would read from the environment."""
    given = {
        name: stack.environment[f"NOTIFICATIONS_{name.upper()}"]
        for name in ("database_url", "worker_database_url", "client_secret")
    }
    return Settings.model_validate({**given, **changes})


@pytest.fixture
async def heard(clean: Stack) -> AsyncIterator[Heard]:
    database = Database(clean.environment["NOTIFICATIONS_WORKER_DATABASE_URL"])
    yield Heard(database)
    await database.close()


@pytest.fixture
async def owner(clean: Stack) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees every row of notifications."""
    connection = await asyncpg.connect(
        clean.owner_url, server_settings={"search_path": "notifications"}
    )
    yield connection
    await connection.close()


@pytest.fixture
async def client_of(clean: Stack) -> AsyncIterator[ClientOf]:
    """The API as a given caller sees it."""
    app = build(settings_of(clean), CommonSettings())
    app.state.verifier = clean.verifier("notifications")
    clients: list[httpx2.AsyncClient] = []

    def client(actor: Actor) -> httpx2.AsyncClient:
        clients.append(
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=app),
                base_url="http://test",
                headers={"Authorization": f"Bearer {clean.token(actor)}"},
            )
        )
        return clients[-1]

    yield client
    for opened in clients:
        await opened.aclose()
    await app.state.database.close()


@pytest.fixture
def serve(clean: Stack) -> Serve:
    """Puts the API behind a real socket; keywords are settings."""

    @asynccontextmanager
    async def serving(**changes: float) -> AsyncIterator[LiveServer]:
        app = build(settings_of(clean, **changes), CommonSettings())
        app.state.verifier = clean.verifier("notifications")
        async with LiveServer(app, clean.token).running() as server:
            yield server

    return serving
