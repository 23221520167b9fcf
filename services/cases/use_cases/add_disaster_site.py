"""Add a site to a disaster."""

from uuid import UUID

from services.cases.domain.disaster import Site, SiteKind
from services.cases.storage import disasters
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.ids import new_id
from shared.policy import Action, Resource, require


async def add_disaster_site(
    disaster_id: UUID,
    *,
    name: str,
    area: str,
    kind: SiteKind,
    capacity: int | None,
    tx: Tx,
    actor: Actor,
) -> Site:
    """The new site; raises `NotFound`, `DisasterClosed`, `OutsideDisaster` or `Forbidden`."""
    disaster = await disasters.get(tx, actor, disaster_id)
    if disaster is None:
        raise NotFound
    disaster.require_inside(area)
    require(actor, Action.DISASTER_MANAGE, Resource(area=area))
    disaster.require_open(tx.now)
    site = Site(new_id(), disaster_id, name, area, kind, capacity)
    await disasters.add_site(tx, actor, site)
    return site
