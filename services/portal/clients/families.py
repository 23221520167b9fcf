"""Registry: families, their members and cards, and the categories of a record over time."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.portal.clients.answers import Answer, read, read_list
from services.portal.clients.registry import Finding
from services.portal.clients.service import Service, bearer


class Member(Answer):
    """A person in a family, or a family of a person: id and name are those of the other one."""

    id: UUID
    name: str
    area_label: str = ""
    sex: str | None = None
    birth_year: int | None = None
    relation: str
    joined_on: dt.date | None = None
    left_on: dt.date | None = None


class Period(Answer):
    """One time a category held."""

    code: str
    since: dt.date
    given_by: UUID
    evidence: str | None = None
    verified_at: dt.datetime | None = None
    verified_by: UUID | None = None
    until: dt.date | None = None
    ended_at: dt.datetime | None = None
    end_reason: str | None = None

    @property
    def people(self) -> set[UUID]:
        """The workers it names."""
        return {one for one in (self.given_by, self.verified_by) if one is not None}


class Changed(Answer):
    """What looks odd after a change."""

    warnings: tuple[Finding, ...] = ()


class Families:
    """Typed calls about the parts of a record."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def members(self, token: str, family_id: UUID) -> list[Member]:
        """The members of a family, those of today first."""
        return read_list(Member, await self.service.get(_of(family_id, "members"), token))

    async def families(self, token: str, person_id: UUID) -> list[Member]:
        """The families of a person, those of today first."""
        return read_list(Member, await self.service.get(_of(person_id, "families"), token))

    async def add(
        self, token: str, family_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> Changed:
        """Add a member."""
        answer = await self.service.post(_of(family_id, "members"), token, body, key=key)
        return read(Changed, answer)

    async def remove(self, token: str, family_id: UUID, person_id: UUID, *, key: str) -> None:
        """A member leaves today."""
        headers = bearer(token) | {"Idempotency-Key": key}
        path = _of(family_id, f"members/{person_id}")
        await self.service.send("DELETE", path, headers)

    async def put_card(self, token: str, family_id: UUID, kk: str | None, *, key: str) -> Changed:
        """Replace the number of the family's card."""
        headers = bearer(token) | {"Idempotency-Key": key}
        path = _of(family_id, "family-card")
        return read(Changed, await self.service.send("PUT", path, headers, {"kk": kk}))

    async def periods(self, token: str, beneficiary_id: UUID) -> list[Period]:
        """The categories a record has and had, those that hold first."""
        return read_list(Period, await self.service.get(_of(beneficiary_id, "categories"), token))

    async def give(
        self, token: str, beneficiary_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> Changed:
        """Give a category."""
        answer = await self.service.post(_of(beneficiary_id, "categories"), token, body, key=key)
        return read(Changed, answer)

    async def say_of_category(
        self, token: str, beneficiary_id: UUID, code: str, verb: str, body: Mapping[str, Any],
        *, key: str,
    ) -> Changed:  # fmt: skip
        """Verify a category, or end it."""
        path = _of(beneficiary_id, f"categories/{code}/{verb}")
        return read(Changed, await self.service.post(path, token, body, key=key))


def _of(beneficiary_id: UUID, part: str) -> str:
    return f"/beneficiaries/{beneficiary_id}/{part}"
