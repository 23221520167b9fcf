"""What waits for the data protection officer."""

from uuid import UUID

from services.registry.domain.requests import RequestState
from services.registry.storage import requests
from services.registry.storage.requests import Listed
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def list_requests(
    state: RequestState, *, after: UUID | None, limit: int, tx: Tx, actor: Actor
) -> list[Listed]:
    """One page: what is due first, or of answered ones the newest; each look is in the trail."""
    found = await requests.listed(tx, actor, state=state, after=after, limit=limit)
    people = {one.beneficiary_id for one in found if one.beneficiary_id is not None}
    await audit.record(tx, actor, "protection.listed", sorted(people))
    return found
