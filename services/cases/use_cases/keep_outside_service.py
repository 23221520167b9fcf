"""Add an outside service to the list of an area, or change it."""

from services.cases.domain.outside import OutsideService
from services.cases.storage import outside
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action, Resource, decide, require
from shared.reference.areas import require_known
from shared.reference.outside_services import require_outside_kind


async def keep_outside_service(
    service: OutsideService, *, is_new: bool, tx: Tx, actor: Actor
) -> OutsideService:
    """Write the service; raises `NotFound` where the known one is not the caller's to keep.

    Raises `Forbidden` when it would lie outside the caller's area.
    """
    if not is_new:
        known = await outside.get(tx, service.id)
        kept_by = Resource(area=known.area) if known else None
        if kept_by is None or not decide(actor, Action.OUTSIDE_SERVICE_MANAGE, kept_by):
            raise NotFound
    require_known(service.area)
    require_outside_kind(service.kind)
    require(actor, Action.OUTSIDE_SERVICE_MANAGE, Resource(area=service.area))
    await outside.put(tx, service, actor.id)
    await audit.record(tx, actor, "outside_service.kept", [service.id])
    return service
