"""Write down that personal data got out, which people and the agency must be told in time."""

from uuid import UUID

from services.registry.domain.requests import RequestKind, due_at
from services.registry.storage import requests
from services.registry.storage.requests import NewRequest
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id
from shared.policy import Action, Resource, require
from shared.reference.areas import require_known


async def report_breach(area: str, *, words: str, tx: Tx, actor: Actor) -> UUID:
    """The id of the timer; raises `Forbidden` for an area the caller does not look after."""
    require_known(area)
    require(actor, Action.PROTECTION_HANDLE, Resource(area=area))
    request = NewRequest(
        id=new_id(), kind=RequestKind.BREACH, area=area, due_at=due_at(tx.now), words=words
    )
    await requests.add(tx, actor, request)
    await audit.record(tx, actor, "protection.breach_reported", [request.id], detail=area)
    return request.id
