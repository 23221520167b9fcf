"""The delivery ledger."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from services.notifications.api.schemas import DeliveryListOut, DeliveryOut
from services.notifications.storage import deliveries
from shared.auth import Actor
from shared.errors import NotFound
from shared.http import Session, requires
from shared.policy import Action

_CURSOR: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z_]{1,20}$"

router = APIRouter(prefix="/deliveries", tags=["deliveries"])


@router.get("")
async def list_deliveries(
    tx: Session,
    actor: Annotated[Actor, requires(Action.DELIVERY_READ)],
    referral_id: UUID,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(pattern=_CURSOR)] = None,
) -> DeliveryListOut:
    """Whom word of a referral reached; 404 when nothing of it is in the caller's scope."""
    after = None
    if cursor is not None:
        notice_id, _, channel = cursor.partition(".")
        after = (UUID(notice_id), channel)
    found = await deliveries.list_of_referral(
        tx, actor, referral_id=referral_id, after=after, limit=limit
    )
    if not found and cursor is None:
        raise NotFound
    last = found[-1] if len(found) == limit else None
    return DeliveryListOut(
        items=[DeliveryOut.model_validate(delivery) for delivery in found],
        next=f"{last.notice_id}.{last.channel}" if last else None,
    )
