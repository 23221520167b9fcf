"""The audit trail over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.registry.api.answers import TrailEntryOut, TrailOut
from services.registry.api.dependencies import Auditor
from services.registry.use_cases.read_audit_trail import read_audit_trail
from shared.http import Session

router = APIRouter(tags=["audit"])


@router.get("/audit")
async def trail(
    subject: UUID,
    tx: Session,
    actor: Auditor,
    cursor: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> TrailOut:
    """Who read or changed a beneficiary's record, newest first."""
    rows = await read_audit_trail(subject, before=cursor, limit=limit, tx=tx, actor=actor)
    items = [TrailEntryOut.model_validate(row) for row in rows]
    return TrailOut(items=items, next=items[-1].id if len(items) == limit else None)
