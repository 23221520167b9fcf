"""Notifications beside cases: it hears what cases said, in this process and without a transport."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from fastapi import FastAPI

from services.notifications.main import build
from services.notifications.reactions import REACTIONS
from services.notifications.settings import Settings
from shared.auth import Actor
from shared.contracts.directory import WorkerLeft
from shared.contracts.envelope import Event
from shared.database import Database
from shared.ids import new_id
from shared.messaging.inbox import Entry, Inbox
from shared.settings import CommonSettings
from tests.fixtures.callers import client_of
from tests.fixtures.stack import Stack


@dataclass
class Telling:
    """The notices people have, once everything cases said was heard."""

    app: FastAPI
    stack: Stack
    database: Database
    owner: asyncpg.Connection
    heard: set[UUID] = field(default_factory=set)

    async def hear(self) -> None:
        """Apply what cases said since the last time, in its order."""
        rows = await self.owner.fetch("select id, data from event_log order by seq")
        fresh = [row for row in rows if row["id"] not in self.heard]
        self.heard |= {row["id"] for row in fresh}
        await self._apply([bytes(row["data"]) for row in fresh])

    async def leaves(self, actor: Actor) -> None:
        """Directory said that this worker has left."""
        event = Event.stating(
            WorkerLeft(worker_id=actor.id, active=False, duties=[]),
            event_id=new_id(),
            subject=actor.id,
            version=2,
            time=datetime.now(UTC),
            traceparent=None,
        )
        await self._apply([event.to_json()])

    async def of(self, actor: Actor) -> list[tuple[str, str, UUID]]:
        """The actor's notices, oldest first: kind, title, id."""
        await self.hear()
        async with client_of(self.app, self.stack, actor) as client:
            answer = await client.get("/notices")
        assert answer.status_code == 200, answer.text
        items = reversed(answer.json()["items"])
        return [(item["kind"], item["title"], UUID(item["id"])) for item in items]

    async def kinds_of(self, actor: Actor) -> list[str]:
        """The kinds of the actor's notices, oldest first."""
        return [kind for kind, _, _ in await self.of(actor)]

    async def finish(self, actor: Actor) -> int:
        """Open each of the actor's notices; how many are still unread."""
        async with client_of(self.app, self.stack, actor) as client:
            for _, _, notice_id in await self.of(actor):
                read = await client.post(
                    f"/notices/{notice_id}/read", headers={"Idempotency-Key": str(uuid.uuid4())}
                )
                assert read.status_code == 200
            unread: int = (await client.get("/notices/count")).json()["unread"]
        return unread

    async def _apply(self, events: list[bytes]) -> None:
        inbox = Inbox("notifications", self.database, REACTIONS)
        entries = [Entry(str(number), raw) for number, raw in enumerate(events)]
        assert len(await inbox.apply("test:ev:cases", entries)) == len(entries)


@asynccontextmanager
async def running_telling(stack: Stack, owner: asyncpg.Connection) -> AsyncIterator[Telling]:
    """Notifications with nothing heard yet; its settings stand in the environment."""
    app = build(Settings(), CommonSettings())
    app.state.verifier = stack.verifier("notifications")
    database = Database(stack.environment["NOTIFICATIONS_WORKER_DATABASE_URL"])
    yield Telling(app, stack, database, owner)
    await database.close()
    await app.state.database.close()
