"""Close a disaster; its cases go on until each is closed."""

from uuid import UUID

from services.cases.domain.disaster import Disaster, DisasterClosed
from services.cases.storage import disasters
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action, Resource, require


async def close_disaster(disaster_id: UUID, *, tx: Tx, actor: Actor) -> Disaster:
    """The disaster as it is then; raises `DisasterClosed` when it was closed before."""
    disaster = await disasters.get(tx, actor, disaster_id)
    if disaster is None:
        raise NotFound
    require(actor, Action.DISASTER_MANAGE, Resource(area=disaster.area))
    if not await disasters.close(tx, actor, disaster_id):
        raise DisasterClosed
    closed = await disasters.get(tx, actor, disaster_id)
    assert closed is not None
    return closed
