"""Disasters at cases: their sites, their figures, and families taken in by batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.portal.clients.answers import Answer, read, read_list
from services.portal.clients.service import Service


class Heads(Answer):
    """People by sex; children, elders and people with disabilities are among them."""

    male: int = 0
    female: int = 0
    children: int = 0
    elders: int = 0
    disabled: int = 0
    total: int = 0


class Counted(Heads):
    """How many people were at a site at a time."""

    at: datetime


class Site(Answer):
    """A site and what has happened there."""

    id: UUID
    name: str
    area: str
    kind: str
    capacity: int | None = None
    families: int = 0
    people: Heads = Heads()
    referrals: Mapping[str, int] = {}
    counted: Counted | None = None


class Disaster(Answer):
    """A disaster; only one read by itself has sites and says what its rule asks."""

    id: UUID
    name: str
    situation: str
    category: str
    area: str
    started_at: datetime
    closed_at: datetime | None = None
    sites: tuple[Site, ...] = ()
    offline_form: bool = False
    head_count_required: bool = False

    def site(self, site_id: UUID) -> Site | None:
        """The site with this id."""
        return next((one for one in self.sites if one.id == site_id), None)


class Fault(Answer):
    """What is wrong with an item, and where."""

    code: str = ""
    detail: str = ""
    pointer: str = ""


class CaseRef(Answer):
    """A case by the number people quote."""

    number: str


class ItemResult(Answer):
    """What became of one item of a batch."""

    key: UUID | None
    status: str
    id: UUID | None = None
    case: CaseRef | None = None
    errors: tuple[Fault, ...] = ()


class Disasters:
    """Typed calls to the disasters of cases."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def all(self, token: str) -> list[Disaster]:
        """Those that touch the caller's areas, open ones first."""
        return read_list(Disaster, await self.service.get("/disasters", token, limit=100))

    async def get(self, token: str, disaster_id: UUID) -> Disaster:
        """One with its sites and figures."""
        return read(Disaster, await self.service.get(f"/disasters/{disaster_id}", token))

    async def declare(self, token: str, body: Mapping[str, Any], *, key: str) -> UUID:
        """Declare one; its id."""
        return read(Disaster, await self.service.post("/disasters", token, body, key=key)).id

    async def add_site(
        self, token: str, disaster_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> None:
        """Add a site."""
        await self.service.post(f"/disasters/{disaster_id}/sites", token, body, key=key)

    async def close(self, token: str, disaster_id: UUID, *, key: str) -> None:
        """Close one."""
        await self.service.post(f"/disasters/{disaster_id}/close", token, {}, key=key)

    async def count_heads(
        self, token: str, disaster_id: UUID, site_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> None:
        """Write down how many people are at a site."""
        path = f"/disasters/{disaster_id}/sites/{site_id}/head-counts"
        await self.service.post(path, token, body, key=key)

    async def take_in(
        self, token: str, disaster_id: UUID, items: Sequence[Mapping[str, Any]]
    ) -> list[ItemResult]:
        """Take in families; one result per item. A repeated key changes nothing."""
        body = {"items": list(items)}
        answer = await self.service.post(f"/disasters/{disaster_id}/intakes", token, body)
        return read_list(ItemResult, answer)
