"""Registry: who needs help."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from services.portal.clients.answers import Answer, Listed, read, read_list, read_listed
from services.portal.clients.disasters import ItemResult
from services.portal.clients.service import Service, batches
from services.portal.problems import ClientProblem

_NOT_FOUND: Final = 404


class Birth(Answer):
    """When somebody was born, as exactly as is known; `age` only where it was estimated."""

    date: dt.date | None = None
    year: int
    age: int | None = None

    def completed_years(self, today: dt.date) -> int:
        """The age today, as near as is known."""
        if self.date is None:
            return today.year - self.year
        had_no_birthday_yet = (today.month, today.day) < (self.date.month, self.date.day)
        return today.year - self.date.year - had_no_birthday_yet


class ServiceReceived(Answer):
    """What a completed referral achieved."""

    outcome: str
    service: str | None = None
    at: dt.datetime


class Finding(Answer):
    """Something worth a second look."""

    code: str
    detail: str


class MergedRecord(Answer):
    """A record that goes on as another."""

    id: UUID
    at: dt.datetime
    name: str | None = None
    area: str | None = None


class Point(Answer):
    """Degrees north and east."""

    latitude: float
    longitude: float


class Beneficiary(Answer):
    """A person, family, group or community as pages show it."""

    id: UUID
    version: int = 1
    name: str
    kind: str | None = None
    sex: str | None = None
    birth: Birth | None = None
    birth_year: int | None = None
    """In lists, in place of the birth."""
    area: str | None = None
    address: str | None = None
    phone: str | None = None
    safe_contact: bool | None = None
    nik: str | None = None
    nik_absent_reason: str | None = None
    kk: str | None = None
    aliases: tuple[str, ...] = ()
    disabilities: tuple[str, ...] = ()
    point: Point | None = None
    size: int | None = None
    masked: bool = False
    categories: tuple[str, ...] = ()
    confidentiality: str = "C1"
    services_received: tuple[ServiceReceived, ...] = ()
    merged_into: UUID | None = None
    merged_from: tuple[MergedRecord, ...] = ()
    restricted_at: dt.datetime | None = None
    contact_withheld: bool = False


class Corrected(Beneficiary):
    """A record as it stands after a change, and what looks odd about it."""

    warnings: tuple[Finding, ...] = ()


class Registered(Answer):
    """A record just made, and what looks odd about it."""

    id: UUID
    warnings: tuple[Finding, ...] = ()


class Candidate(Answer):
    """A record that may be the same person."""

    id: UUID
    score: float | None = None
    name: str | None = None
    area: str | None = None
    reasons: tuple[str, ...] = ()


class Registry:
    """Typed calls to registry."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def register(self, token: str, body: Mapping[str, Any], *, key: str) -> Registered:
        """Register; look-alikes are a `ClientProblem` with code `possible-duplicate`."""
        return read(Registered, await self.service.post("/beneficiaries", token, body, key=key))

    async def register_many(
        self, token: str, items: Sequence[Mapping[str, Any]]
    ) -> list[ItemResult]:
        """Register many, each under its own `key`; one result per item."""
        answer = await self.service.post("/beneficiaries/batch", token, {"items": list(items)})
        return read_list(ItemResult, answer)

    async def alike(self, token: str, body: Mapping[str, Any]) -> list[Candidate]:
        """Who looks like somebody about to be registered."""
        answer = await self.service.post("/beneficiaries/lookalikes", token, body)
        return read_list(Candidate, answer)

    async def get(self, token: str, beneficiary_id: UUID) -> Beneficiary:
        """One record in full."""
        return read(Beneficiary, await self.service.get(f"/beneficiaries/{beneficiary_id}", token))

    async def named(self, token: str, ids: Collection[UUID]) -> dict[UUID, Beneficiary]:
        """Display names by id; those out of scope are missing."""
        found: dict[UUID, Beneficiary] = {}
        for some in batches(ids):
            answer = await self.service.post("/beneficiaries/lookup", token, {"ids": some})
            found |= {one.id: one for one in read_list(Beneficiary, answer)}
        return found

    async def search(
        self, token: str, wanted: Mapping[str, str], *, limit: int
    ) -> Listed[Beneficiary]:
        """Records in scope by name, area and category, after a cursor; all in the body."""
        answer = await self.service.post("/beneficiaries/search", token, {**wanted, "limit": limit})
        return read_listed(Beneficiary, answer)

    async def in_area(
        self, token: str, area: str, *, category: str | None, cursor: str | None, limit: int
    ) -> Listed[Beneficiary]:
        """Records in scope of an area, and of a category if one is given, after a cursor."""
        answer = await self.service.get(
            "/beneficiaries", token, area=area, category=category, cursor=cursor, limit=limit
        )
        return read_listed(Beneficiary, answer)

    async def with_nik(self, token: str, nik: str) -> list[Beneficiary]:
        """The record with exactly this NIK, if it is in scope."""
        try:
            answer = await self.service.post("/beneficiaries/search-nik", token, {"nik": nik})
        except ClientProblem as problem:
            if problem.status == _NOT_FOUND:
                return []
            raise
        return [read(Beneficiary, answer)]


def candidates_of(problem: ClientProblem) -> list[Candidate]:
    """The look-alikes a refused registration names."""
    return read_list(Candidate, {"items": problem.extra.get("candidates", [])})
