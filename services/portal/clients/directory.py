"""Directory: sessions, who the visitor is, and the names of workers."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import Field

from services.portal.clients.answers import Answer, read, read_list, read_listed
from services.portal.clients.service import Service, batches
from shared.auth import ServiceToken
from shared.contracts.codes import Role

_PAGE: Final = 100
_MOST_PAGES: Final = 5


class DutyHeld(Answer):
    """A pillar's role in an area."""

    pillar: str
    area: str
    role: Role
    active: bool = True


class Worker(Answer):
    """A worker as pages name them."""

    id: UUID
    name: str
    pillar: str | None = None
    duties: tuple[DutyHeld, ...] = ()
    absent_until: date | None = None


class DatedDuty(DutyHeld):
    """A duty with its days, both included; one without an end has no last day."""

    starts_on: date = Field(validation_alias="from")
    ends_on: date | None = Field(default=None, validation_alias="to")


class Profile(Answer):
    """The visitor's own record: every duty, in force or not."""

    name: str
    duties: tuple[DatedDuty, ...]
    absent_until: date | None = None


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
        """Names of workers by id; those nobody has are missing."""
        found: dict[UUID, Worker] = {}
        for some in batches(ids):
            answer = await self.service.post("/workers/lookup", token, {"ids": some})
            found |= {one.id: one for one in read_list(Worker, answer)}
        return found

    async def me(self, token: str) -> Profile:
        """Who the visitor is."""
        return read(Profile, await self.service.get("/me", token))

    async def change_password(self, token: str, *, current: str, new: str) -> None:
        """Change the visitor's password; every session of theirs ends."""
        body = {"current_password": current, "new_password": new}
        await self.service.post("/me/password", token, body)

    async def one(self, token: str, worker_id: UUID) -> Worker:
        """One worker in the visitor's scope."""
        return read(Worker, await self.service.get(f"/workers/{worker_id}", token))

    async def announce_absence(
        self, token: str, worker_id: UUID, body: Mapping[str, str], *, key: str
    ) -> None:
        """Announce days of absence, with a stand-in or without."""
        await self.service.post(f"/workers/{worker_id}/absence", token, body, key=key)

    async def workers_of(self, token: str, *, pillar: str, area: str) -> list[Worker]:
        """The workers of a pillar whose duty lies in an area, to choose from."""
        found: list[Worker] = []
        after: str | None = None
        for _ in range(_MOST_PAGES):
            answer = await self.service.get(
                "/workers", token, pillar=pillar, area=area, after=after, limit=_PAGE
            )
            listed = read_listed(Worker, answer)
            found += listed.items
            after = listed.next
            if after is None:
                break
        return found
