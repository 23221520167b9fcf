"""Declare a disaster, so that families can be taken in at its sites."""

from datetime import datetime

from services.cases.domain.disaster import Disaster
from services.cases.storage import disasters
from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id
from shared.policy import Action, Resource, require


async def declare_disaster(
    *,
    name: str,
    situation: str,
    category: str | None,
    area: str,
    started_at: datetime | None,
    tx: Tx,
    actor: Actor,
) -> Disaster:
    """The new disaster; it began now unless said otherwise. Raises `Forbidden` out of scope."""
    disaster = Disaster.declare(
        disaster_id=new_id(),
        name=name,
        situation=situation,
        category=category,
        area=area,
        started_at=started_at or tx.now,
        now=tx.now,
    )
    require(actor, Action.DISASTER_MANAGE, Resource(area=area))
    await disasters.add(tx, actor, disaster)
    return disaster
