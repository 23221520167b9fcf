"""Write down how many people were at a site at a time."""

from datetime import datetime
from uuid import UUID

from services.cases.domain.disaster import HeadCount, Site
from services.cases.storage import disasters
from services.cases.storage.disasters import Counted
from services.cases.use_cases.access import require_plausible
from shared.auth import Actor
from shared.database import Tx
from shared.errors import Forbidden, NotFound
from shared.policy import Action, Resource, decide


async def count_heads(
    disaster_id: UUID,
    site_id: UUID,
    heads: HeadCount,
    at: datetime | None,
    *,
    tx: Tx,
    actor: Actor,
) -> Counted:
    """The new count; earlier ones stay: people leave by day and return at night."""
    site = await site_in_sight(disaster_id, site_id, tx=tx, actor=actor)
    if not decide(actor, Action.DISASTER_INTAKE, Resource(area=site.area)):
        raise Forbidden
    heads.require_consistent()
    require_plausible(at, tx.now)
    counted = Counted(at or tx.now, heads)
    await disasters.count_heads(tx, actor, site_id, counted)
    return counted


async def site_in_sight(disaster_id: UUID, site_id: UUID, *, tx: Tx, actor: Actor) -> Site:
    """The site, if it touches the caller's areas; raises `NotFound`."""
    for site in await disasters.sites_of(tx, actor, disaster_id):
        if site.id == site_id:
            return site
    raise NotFound
