"""Registry: how people's data is protected, and what they ask of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx2

from services.portal.clients.answers import Answer, Listed, read, read_listed
from services.portal.clients.registry import Corrected
from services.portal.clients.service import Service, bearer


class Grounds(Answer):
    """Why data is held for one purpose, and its end once withdrawn."""

    id: UUID
    purpose: str
    basis: str
    text_version: str | None = None
    at: datetime
    taken_by: UUID
    guardian: str | None = None
    withdrawn_at: datetime | None = None
    stops_at: datetime | None = None
    stopped_at: datetime | None = None


class Asked(Answer):
    """A request about data, or a breach."""

    id: UUID
    kind: str
    state: str
    received_at: datetime
    due_at: datetime
    handled_at: datetime | None = None
    refusal: str | None = None
    beneficiary_id: UUID | None = None
    name: str | None = None
    area: str | None = None
    words: str | None = None
    answer: str | None = None
    taken_by: UUID | None = None
    handled_by: UUID | None = None


class Protection(Answer):
    """Grounds, requests and the end of one record."""

    id: UUID
    name: str
    area: str
    confidentiality: str
    restricted_at: datetime | None = None
    erase_at: datetime | None = None
    retain_until: date
    grounds: tuple[Grounds, ...] = ()
    requests: tuple[Asked, ...] = ()

    def people(self) -> set[UUID]:
        """The workers it names."""
        named = [one.taken_by for one in self.grounds]
        for one in self.requests:
            named += [who for who in (one.taken_by, one.handled_by) if who is not None]
        return set(named)


class Trace(Answer):
    """Somebody read or changed a record."""

    at: datetime
    actor_id: UUID
    actor_kind: str
    action: str
    detail: str | None = None


class Chain(Answer):
    """How far the audit trail is as it was written."""

    rows: int
    position: int
    broken_at: int | None = None
    is_whole: bool


class ProtectionClient:
    """Typed calls to registry about the protection of data."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def of(self, token: str, beneficiary_id: UUID) -> Protection:
        """Grounds, requests and the end of one record."""
        answer = await self.service.get(f"/beneficiaries/{beneficiary_id}/protection", token)
        return read(Protection, answer)

    async def record_grounds(
        self, token: str, beneficiary_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> None:
        """Write down why data may be held for a purpose."""
        path = f"/beneficiaries/{beneficiary_id}/legal-bases"
        await self.service.post(path, token, body, key=key)

    async def withdraw(self, token: str, beneficiary_id: UUID, basis_id: UUID, *, key: str) -> None:
        """Withdraw a consent."""
        path = f"/beneficiaries/{beneficiary_id}/legal-bases/{basis_id}/withdraw"
        await self.service.post(path, token, {}, key=key)

    async def ask(
        self, token: str, beneficiary_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> None:
        """Take down what a person asks."""
        await self.service.post(f"/beneficiaries/{beneficiary_id}/requests", token, body, key=key)

    async def report_breach(self, token: str, body: Mapping[str, Any], *, key: str) -> None:
        """Write down that data got out."""
        await self.service.post("/requests/breaches", token, body, key=key)

    async def handle(
        self, token: str, request_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> None:
        """Answer a request."""
        await self.service.post(f"/requests/{request_id}/handle", token, body, key=key)

    async def requests(
        self, token: str, *, state: str, cursor: str | None, limit: int
    ) -> Listed[Asked]:
        """What waits for the officer, what is due first at the top."""
        answer = await self.service.get("/requests", token, state=state, cursor=cursor, limit=limit)
        return read_listed(Asked, answer)

    async def trail(
        self, token: str, beneficiary_id: UUID, *, cursor: str | None, limit: int
    ) -> Listed[Trace]:
        """Who read or changed a record, newest first."""
        answer = await self.service.get(
            "/audit", token, subject=str(beneficiary_id), cursor=cursor, limit=limit
        )
        after = answer.get("next")
        found = read_listed(Trace, {**answer, "next": None})
        return Listed(found.items, None if after is None else str(after))

    async def file(self, token: str, beneficiary_id: UUID, handed_to: str) -> httpx2.Response:
        """Everything held about a person, as it came."""
        path = f"/beneficiaries/{beneficiary_id}/file?handed_to={handed_to}"
        return await self.service.file(path, token)

    async def verify(self, token: str, after: int) -> Chain:
        """Check the next portion of the audit trail."""
        return read(Chain, await self.service.get("/audit/chain", token, after=after))

    async def correct(
        self, token: str, beneficiary_id: UUID, body: Mapping[str, Any], *, version: int, key: str
    ) -> Corrected:
        """Say something else of a person, if nobody has meanwhile."""
        headers = bearer(token) | {"Idempotency-Key": key, "If-Match": f'"{version}"'}
        path = f"/beneficiaries/{beneficiary_id}"
        return read(Corrected, await self.service.send("PATCH", path, headers, dict(body)))

    async def correct_nik(
        self, token: str, beneficiary_id: UUID, body: Mapping[str, Any], *, version: int, key: str
    ) -> Corrected:
        """The same for the NIK or why there is none; who has it is a `possible-duplicate`."""
        headers = bearer(token) | {"Idempotency-Key": key, "If-Match": f'"{version}"'}
        path = f"/beneficiaries/{beneficiary_id}/nik"
        return read(Corrected, await self.service.send("PUT", path, headers, dict(body)))
