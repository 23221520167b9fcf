"""Directory: sessions, who the visitor is, and the names of workers."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import Field

from services.portal.clients.answers import Answer, read, read_list
from services.portal.clients.service import Service
from shared.auth import ServiceToken
from shared.contracts.codes import Role

LOOKUP_LIMIT: Final = 100


class DutyHeld(Answer):
    """A pillar's role in an area."""

    pillar: str
    area: str
    role: Role


class Worker(Answer):
    """A worker as pages name them."""

    id: UUID
    name: str
    pillar: str | None = None
    duties: tuple[DutyHeld, ...] = ()


class NewSession(Answer):
    """A session just opened; the token goes into the browser's cookie."""

    token: str
    worker_id: UUID
    expires_at: datetime


class Access(Answer):
    """What a session is worth now: a token for the services, and whose it is."""

    access_token: str
    expires_in: float = Field(gt=0)
    worker: Worker


class Directory:
    """Typed calls to directory."""

    def __init__(self, service: Service, own_token: ServiceToken) -> None:
        self.service = service
        self._own_token = own_token

    async def open_session(
        self, username: str, password: str, *, address: str | None
    ) -> NewSession:
        """Sign somebody in from a browser at `address`; a wrong password is `NotSignedIn`."""
        body = {"username": username, "password": password}
        headers = await self._own_token.header()
        if address:
            headers |= {"X-Forwarded-For": address}
        return read(NewSession, await self.service.send("POST", "/sessions", headers, body))

    async def access(self, session: str) -> Access:
        """Trade a session for a short-lived token; raises `NotSignedIn` when it has ended."""
        headers = await self._own_token.header() | {"X-Session": session}
        return read(Access, await self.service.send("POST", "/sessions/token", headers))

    async def end_session(self, session: str) -> None:
        """End a session everywhere."""
        headers = await self._own_token.header() | {"X-Session": session}
        await self.service.send("DELETE", "/sessions/current", headers)

    async def workers_named(self, token: str, ids: Collection[UUID]) -> dict[UUID, Worker]:
        """Names of workers by id, in one call; those out of scope are missing."""
        if not ids:
            return {}
        body = {"ids": [str(one) for one in sorted(set(ids))[:LOOKUP_LIMIT]]}
        found = read_list(Worker, await self.service.post("/workers/lookup", token, body))
        return {worker.id: worker for worker in found}

    async def workers_of(self, token: str, *, pillar: str, area: str) -> list[Worker]:
        """The workers of a pillar in an area, to choose from."""
        answer = await self.service.get("/workers", token, pillar=pillar, area=area, limit=100)
        return read_list(Worker, answer)
