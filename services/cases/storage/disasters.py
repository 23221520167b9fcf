"""Disasters, sites and head counts as rows; what a caller may see of them, and how many."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.cases.domain.disaster import Disaster, HeadCount, Site, SiteKind
from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id
from shared.policy import Action, Resource, decide

_ADD_SQL: Final = """
    insert into disasters
        (id, name, situation, category, area, started_at, declared_by, declared_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_ADD_SITE_SQL: Final = """
    insert into disaster_sites (id, disaster_id, name, area, kind, capacity, added_by, added_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_COUNT_SQL: Final = """
    insert into site_head_counts
        (site_id, id, at, male, female, children, elders, disabled, counted_by, recorded_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_CLOSE_SQL: Final = """
    update disasters set closed_at = $2, closed_by = $3 where id = $1 and closed_at is null
    returning id
"""
# A place is seen by whoever works in it, in a part of it, or above it.
_NEAR: Final = """
    exists (select from unnest($1::text[]) place
            where (area >= place and area < place || '/')
               or place >= area and place < area || '/')
"""
_DISASTER: Final = "id, name, situation, category, area, started_at, closed_at"
_GET_SQL: Final = f"select {_DISASTER} from disasters where id = $2 and {_NEAR}"  # noqa: S608 - fixed text
_LIST_SQL: Final = f"""
    select {_DISASTER} from disasters where {_NEAR}
    order by closed_at is not null, started_at desc, id desc limit $2
"""  # noqa: S608 - fixed text
_SITES_SQL: Final = f"""
    select id, disaster_id, name, area, kind, capacity from disaster_sites
    where disaster_id = $2 and {_NEAR} order by name, id
"""  # noqa: S608 - fixed text
_FAMILIES_SQL: Final = """
    select site_id, count(*) as families, sum(male) as male, sum(female) as female,
           sum(children) as children, sum(elders) as elders, sum(disabled) as disabled,
           max(occurred_at) as last_at
    from disaster_intakes where disaster_id = $1 group by site_id
"""
_STATUSES_SQL: Final = """
    select i.site_id, r.status, count(*) as referrals
    from disaster_intakes i join referrals r on r.case_id = i.case_id
    where i.disaster_id = $1 group by i.site_id, r.status
"""
_LAST_COUNTS_SQL: Final = """
    select distinct on (site_id) site_id, at, male, female, children, elders, disabled
    from site_head_counts
    where site_id in (select id from disaster_sites where disaster_id = $1)
    order by site_id, at desc, id desc
"""
_COUNTS_SQL: Final = """
    select at, male, female, children, elders, disabled from site_head_counts
    where site_id = $1 order by at desc, id desc limit $2
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many people were at a site at a time."""

    at: datetime
    heads: HeadCount


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """What has happened at a site: families taken in with their members, referrals by status."""

    families: int
    heads: HeadCount
    last_at: datetime | None
    referrals: dict[str, int]
    counted: Counted | None


NOTHING: Final = SiteFigures(0, HeadCount(), None, {}, None)


def places_of(actor: Actor) -> list[str]:
    """The areas in which the caller's duties show them disasters."""
    return sorted(
        {
            duty.area
            for duty in actor.duties
            if decide(actor, Action.DISASTER_READ, Resource(area=duty.area))
        }
    )


async def get(tx: Tx, actor: Actor, disaster_id: UUID) -> Disaster | None:
    """The disaster, if it touches the caller's areas."""
    row = await tx.fetchrow(_GET_SQL, places_of(actor), disaster_id)
    return Disaster(**row) if row else None


async def list_of(tx: Tx, actor: Actor, *, limit: int) -> list[Disaster]:
    """The disasters that touch the caller's areas, open ones first, then the newest."""
    rows = await tx.fetch(_LIST_SQL, places_of(actor), limit)
    return [Disaster(**row) for row in rows]


async def sites_of(tx: Tx, actor: Actor, disaster_id: UUID) -> list[Site]:
    """The disaster's sites that touch the caller's areas, by name."""
    rows = await tx.fetch(_SITES_SQL, places_of(actor), disaster_id)
    return [Site(**{**row, "kind": SiteKind(row["kind"])}) for row in rows]


async def add(tx: Tx, actor: Actor, disaster: Disaster) -> None:
    """Store a new disaster."""
    one = disaster
    fields = (one.id, one.name, one.situation, one.category, one.area, one.started_at)
    await tx.fetch(_ADD_SQL, *fields, actor.id, tx.now)


async def add_site(tx: Tx, actor: Actor, site: Site) -> None:
    """Store a new site."""
    await tx.fetch(_ADD_SITE_SQL, *asdict(site).values(), actor.id, tx.now)


async def close(tx: Tx, actor: Actor, disaster_id: UUID) -> bool:
    """Close the disaster now; False when it was closed before."""
    return await tx.fetchval(_CLOSE_SQL, disaster_id, tx.now, actor.id) is not None


async def count_heads(tx: Tx, actor: Actor, site_id: UUID, counted: Counted) -> None:
    """Store how many people were at a site; earlier counts stay, each true for its time."""
    heads = asdict(counted.heads).values()
    await tx.fetch(_COUNT_SQL, site_id, new_id(), counted.at, *heads, actor.id, tx.now)


async def counts_of(tx: Tx, site_id: UUID, *, limit: int) -> list[Counted]:
    """The counts of a site, the latest first."""
    return [_counted(row) for row in await tx.fetch(_COUNTS_SQL, site_id, limit)]


async def figures(tx: Tx, disaster_id: UUID, sites: Sequence[Site]) -> dict[UUID, SiteFigures]:
    """What has happened at each of these sites, as far as the rows lie in the caller's scope."""
    families = {row["site_id"]: row for row in await tx.fetch(_FAMILIES_SQL, disaster_id)}
    counts = {
        row["site_id"]: _counted(row) for row in await tx.fetch(_LAST_COUNTS_SQL, disaster_id)
    }
    referrals: dict[UUID, dict[str, int]] = {}
    for row in await tx.fetch(_STATUSES_SQL, disaster_id):
        referrals.setdefault(row["site_id"], {})[row["status"]] = row["referrals"]
    return {
        site.id: SiteFigures(
            families=taken["families"] if (taken := families.get(site.id)) else 0,
            heads=_heads(taken) if taken else HeadCount(),
            last_at=taken["last_at"] if taken else None,
            referrals=referrals.get(site.id, {}),
            counted=counts.get(site.id),
        )
        for site in sites
    }


def _counted(row: Any) -> Counted:
    return Counted(row["at"], _heads(row))


def _heads(row: Any) -> HeadCount:
    names = ("male", "female", "children", "elders", "disabled")
    return HeadCount(**{name: row[name] for name in names})
