"""Disasters: declare, list, read, sites, head counts, families by batch, close."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from starlette.responses import Response

from services.cases.api.bodies import AreaCode, Code
from services.cases.api.parts import Parts, parts
from services.cases.domain.disaster import Disaster, HeadCount, Site, SiteKind
from services.cases.storage import disasters
from services.cases.storage.disasters import NOTHING, Counted, SiteFigures
from services.cases.use_cases import (
    add_disaster_site,
    close_disaster,
    count_heads,
    declare_disaster,
)
from services.cases.use_cases.count_heads import site_in_sight
from services.cases.use_cases.read_disaster import read_disaster
from shared.auth import Actor
from shared.http import Input, Session, requires
from shared.idempotency import OncePerKey
from shared.policy import Action
from shared.reference.areas import label_of

router = APIRouter(prefix="/disasters", tags=["disasters"])

Name = Annotated[str, StringConstraints(min_length=2, max_length=120, pattern=r"^[^\x00]*$")]
Count = Annotated[int, Field(ge=0, le=100_000)]
Own = Annotated[Parts, Depends(parts)]


class HeadCountIn(Input):
    """People by sex; children, elders and people with disabilities are among them."""

    male: Count = 0
    female: Count = 0
    children: Count = 0
    elders: Count = 0
    disabled: Count = 0

    def heads(self) -> HeadCount:
        """The count behind the request."""
        return HeadCount(self.male, self.female, self.children, self.elders, self.disabled)


class DisasterIn(Input):
    """A disaster to declare; the category follows from the situation."""

    name: Name
    situation: Code
    category: Code | None = None
    area: AreaCode
    started_at: AwareDatetime | None = None


class SiteIn(Input):
    """A site to add."""

    name: Name
    area: AreaCode
    kind: SiteKind
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = None


class CountIn(HeadCountIn):
    """How many were at a site at a time."""

    at: AwareDatetime | None = None


class HeadsOut(BaseModel):
    """A head count; `total` is men and women."""

    male: int
    female: int
    children: int
    elders: int
    disabled: int
    total: int

    @classmethod
    def of(cls, heads: HeadCount) -> Self:
        """The count with its sum."""
        return cls(
            male=heads.male,
            female=heads.female,
            children=heads.children,
            elders=heads.elders,
            disabled=heads.disabled,
            total=heads.total,
        )


class CountedOut(HeadsOut):
    """How many people were at a site at a time."""

    at: datetime

    @classmethod
    def at_time(cls, counted: Counted) -> Self:
        """The count with its time."""
        return cls(**HeadsOut.of(counted.heads).model_dump(), at=counted.at)


class SiteOut(BaseModel):
    """A site and what has happened there, as far as the caller may see."""

    id: UUID
    name: str
    area: str
    area_label: str
    kind: SiteKind
    capacity: int | None
    families: int
    people: HeadsOut
    """Members of the families taken in."""
    last_intake_at: datetime | None
    referrals: dict[str, int]
    """How many referrals of these families stand in each status."""
    counted: CountedOut | None
    """The last count of all people there, registered or not."""

    @classmethod
    def of(cls, site: Site, figures: SiteFigures = NOTHING) -> Self:
        """The site with its figures."""
        return cls(
            id=site.id,
            name=site.name,
            area=site.area,
            area_label=label_of(site.area),
            kind=site.kind,
            capacity=site.capacity,
            families=figures.families,
            people=HeadsOut.of(figures.heads),
            last_intake_at=figures.last_at,
            referrals=figures.referrals,
            counted=CountedOut.at_time(figures.counted) if figures.counted else None,
        )


class DisasterOut(BaseModel):
    """A disaster."""

    id: UUID
    name: str
    situation: str
    category: str
    area: str
    area_label: str
    started_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, disaster: Disaster) -> Self:
        """The disaster with its place in words."""
        return cls.model_validate(_facts(disaster))


class DisasterFileOut(DisasterOut):
    """A disaster with its sites and what its routing rule asks of an intake."""

    sites: list[SiteOut]
    bulk_intake: bool
    offline_form: bool
    head_count_required: bool


@router.post("", status_code=201, response_model=DisasterOut)
async def declare(
    body: DisasterIn, once: OncePerKey, actor: Actor = requires(Action.DISASTER_MANAGE)
) -> Response:
    """Declare a disaster."""
    if once.replay:
        return once.replay
    made = await declare_disaster(**body.model_dump(), tx=once.tx, actor=actor)
    return await once.answer(DisasterOut.of(made), status=201)


@router.get("")
async def list_disasters(
    tx: Session,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    actor: Actor = requires(Action.DISASTER_READ),
) -> dict[str, list[DisasterOut]]:
    """The disasters that touch the caller's areas: open ones first, then the newest."""
    found = await disasters.list_of(tx, actor, limit=limit)
    return {"items": [DisasterOut.of(one) for one in found]}


@router.get("/{disaster_id}")
async def read(
    disaster_id: UUID, tx: Session, own: Own, actor: Actor = requires(Action.DISASTER_READ)
) -> DisasterFileOut:
    """One disaster with its sites and their figures."""
    file = await read_disaster(disaster_id, tx=tx, actor=actor, rules=own.rules)
    return DisasterFileOut(
        **_facts(file.disaster),
        sites=[SiteOut.of(site, file.figures[site.id]) for site in file.sites],
        bulk_intake=file.bulk_intake,
        offline_form=file.offline_form,
        head_count_required=file.head_count_required,
    )


@router.post("/{disaster_id}/sites", status_code=201, response_model=SiteOut)
async def add_site(
    disaster_id: UUID,
    body: SiteIn,
    once: OncePerKey,
    actor: Actor = requires(Action.DISASTER_MANAGE),
) -> Response:
    """Add a site."""
    if once.replay:
        return once.replay
    site = await add_disaster_site(disaster_id, **body.model_dump(), tx=once.tx, actor=actor)
    return await once.answer(SiteOut.of(site), status=201)


@router.post("/{disaster_id}/close", response_model=DisasterOut)
async def close(
    disaster_id: UUID, once: OncePerKey, actor: Actor = requires(Action.DISASTER_MANAGE)
) -> Response:
    """Close a disaster; what happened before may still be taken in."""
    if once.replay:
        return once.replay
    closed = await close_disaster(disaster_id, tx=once.tx, actor=actor)
    return await once.answer(DisasterOut.of(closed))


@router.post(
    "/{disaster_id}/sites/{site_id}/head-counts", status_code=201, response_model=CountedOut
)
async def add_head_count(
    disaster_id: UUID,
    site_id: UUID,
    body: CountIn,
    once: OncePerKey,
    actor: Actor = requires(Action.DISASTER_INTAKE),
) -> Response:
    """Write down how many people were at a site at a time."""
    if once.replay:
        return once.replay
    counted = await count_heads(
        disaster_id, site_id, body.heads(), body.at, tx=once.tx, actor=actor
    )
    return await once.answer(CountedOut.at_time(counted), status=201)


@router.get("/{disaster_id}/sites/{site_id}/head-counts")
async def list_head_counts(
    disaster_id: UUID,
    site_id: UUID,
    tx: Session,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    actor: Actor = requires(Action.DISASTER_READ),
) -> dict[str, list[CountedOut]]:
    """The head counts of a site, the latest first."""
    await site_in_sight(disaster_id, site_id, tx=tx, actor=actor)
    counts = await disasters.counts_of(tx, site_id, limit=limit)
    return {"items": [CountedOut.at_time(one) for one in counts]}


def _facts(disaster: Disaster) -> dict[str, Any]:
    names = ("id", "name", "situation", "category", "area", "started_at", "closed_at")
    facts = {name: getattr(disaster, name) for name in names}
    return facts | {"area_label": label_of(disaster.area)}
