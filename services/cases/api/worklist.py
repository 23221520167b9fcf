"""The worklist: what waits for the caller."""

import base64
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.cases.api.answers import WorklistItem
from services.cases.storage import queries
from services.cases.storage.queries import Cursor, Due
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus
from shared.errors import Invalid
from shared.http import Session, requires
from shared.policy import Action
from shared.reference.pillars import require_pillar

router = APIRouter(tags=["worklist"])


@router.get("/worklist")
async def worklist(
    tx: Session,
    status: ReferralStatus | None = None,
    pillar: str | None = None,
    due: Due | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> dict[str, Any]:
    """Own work, open work of the caller's pools, and what came back; due first."""
    if pillar is not None:
        require_pillar(pillar)
    rows = await queries.worklist(
        tx,
        actor,
        status=status,
        pillar=pillar,
        due=due,
        after=_read(cursor) if cursor else None,
        limit=limit,
    )
    items = [WorklistItem.of(row, tx.now) for row in rows]
    more = len(rows) == limit
    return {"items": items, "next": _written(rows[-1]) if more else None}


def _written(row: Any) -> str:
    due_at = row["due_at"].isoformat() if row["due_at"] else ""
    return base64.urlsafe_b64encode(f"{due_at}|{row['id']}".encode()).decode()


def _read(cursor: str) -> Cursor:
    try:
        due_at, _, last = base64.urlsafe_b64decode(cursor).decode().partition("|")
        moment = datetime.fromisoformat(due_at).astimezone(UTC) if due_at else None
        return Cursor(moment, UUID(last))
    except (ValueError, OverflowError) as error:
        detail = "The cursor is not one of ours."
        raise Invalid(detail, errors=[{"pointer": "/cursor", "detail": detail}]) from error
