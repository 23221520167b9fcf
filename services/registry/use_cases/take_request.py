"""Take down what a person asks of their data."""

from uuid import UUID

from services.registry.domain.requests import RequestKind, due_at
from services.registry.storage import protection, requests
from services.registry.storage.requests import NewRequest
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.ids import new_id
from shared.policy import Action


async def take_request(
    beneficiary_id: UUID, kind: RequestKind, *, words: str | None, tx: Tx, actor: Actor
) -> UUID:
    """The id of the request, which the officer has three days to answer.

    Raises `NotFound` out of scope.
    """
    area = await protection.area_if_open_to(tx, actor, Action.PROTECTION_RECORD, beneficiary_id)
    if area is None:
        raise NotFound
    request = NewRequest(
        id=new_id(),
        kind=kind,
        area=area,
        due_at=due_at(tx.now),
        beneficiary_id=beneficiary_id,
        words=words,
    )
    await requests.add(tx, actor, request)
    await audit.record(tx, actor, "protection.request_taken", [beneficiary_id], detail=kind)
    return request.id
