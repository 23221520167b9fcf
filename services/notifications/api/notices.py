"""The caller's notices."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.notifications.api.schemas import NoticeListOut, NoticeOut, ReadOut, UnreadOut
from services.notifications.storage import notices
from services.notifications.use_cases import (
    read_all_notices,
    read_notice,
    read_notices_of_referral,
)
from shared.auth import Actor
from shared.http import Session, requires
from shared.idempotency import OncePerKey
from shared.policy import Action

router = APIRouter(prefix="/notices", tags=["notices"])


@router.get("")
async def list_notices(
    tx: Session,
    actor: Annotated[Actor, requires(Action.NOTICE_READ)],
    unread: Annotated[bool, Query(description="Only those not read yet")] = False,  # noqa: FBT002 - a query parameter is given by name
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: UUID | None = None,
) -> NoticeListOut:
    """The caller's notices, the last to arrive first."""
    found = await notices.list_of(
        tx, recipient_id=actor.id, unread_only=unread, before=cursor, limit=limit
    )
    return NoticeListOut(
        items=[NoticeOut.model_validate(notice) for notice in found],
        next=str(found[-1].id) if len(found) == limit else None,
    )


@router.get("/count")
async def count_notices(
    tx: Session, actor: Annotated[Actor, requires(Action.NOTICE_READ)]
) -> UnreadOut:
    """How many of the caller's notices are unread."""
    return UnreadOut(unread=await notices.count_unread(tx, recipient_id=actor.id))


@router.post("/read-all", response_model=ReadOut)
async def read_all(
    once: OncePerKey, actor: Annotated[Actor, requires(Action.NOTICE_READ)]
) -> Response:
    """Mark all of the caller's notices read."""
    if once.replay:
        return once.replay
    return await once.answer(ReadOut(read=await read_all_notices(tx=once.tx, actor=actor)))


@router.post("/of-referral/{referral_id}/read", response_model=ReadOut)
async def read_of_referral(
    referral_id: UUID, once: OncePerKey, actor: Annotated[Actor, requires(Action.NOTICE_READ)]
) -> Response:
    """Mark the caller's notices of one referral read; the ledger then says opened."""
    if once.replay:
        return once.replay
    count = await read_notices_of_referral(referral_id, tx=once.tx, actor=actor)
    return await once.answer(ReadOut(read=count))


@router.post("/{notice_id}/read", response_model=NoticeOut)
async def read(
    notice_id: UUID, once: OncePerKey, actor: Annotated[Actor, requires(Action.NOTICE_READ)]
) -> Response:
    """Mark one of the caller's notices read; the ledger then says opened."""
    if once.replay:
        return once.replay
    notice = await read_notice(notice_id, tx=once.tx, actor=actor)
    return await once.answer(NoticeOut.model_validate(notice))
