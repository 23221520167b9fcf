"""Fixtures of notifications: its inbox, its API in this process, and its API behind a socket."""

import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import pytest
from fastapi import FastAPI

from services.notifications.main import build
from services.notifications.reactions import REACTIONS
from services.notifications.settings import Settings
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.contracts.envelope import Event
from shared.database import Database
from shared.messaging.inbox import Entry, Inbox
from shared.settings import CommonSettings
from tests.fixtures import callers
from tests.fixtures.stack import Stack
from tests.integration.notifications.live import LiveServer

Api = callers.Api
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


@pytest.fixture
def service() -> str:
    return "notifications"


@pytest.fixture
def heard(worker_db: Database) -> Heard:
    return Heard(worker_db)


@pytest.fixture
async def app(environment: None, clean: Stack) -> AsyncIterator[FastAPI]:
    """The API without its reader of new rows."""
    built = build(Settings(), CommonSettings())
    built.state.verifier = clean.verifier("notifications")
    yield built
    await built.state.database.close()


@pytest.fixture
def serve(environment: None, clean: Stack) -> Serve:
    """Puts the API behind a real socket; keywords are settings."""

    @asynccontextmanager
    async def serving(**changes: float) -> AsyncIterator[LiveServer]:
        app = build(Settings.model_validate(changes), CommonSettings())
        app.state.verifier = clean.verifier("notifications")
        async with LiveServer(app, clean.token).running() as server:
            yield server

    return serving
