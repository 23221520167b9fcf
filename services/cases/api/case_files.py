"""A case and its legs."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.cases.api.answers import WorklistItem
from services.cases.storage import queries
from services.cases.use_cases.read_case import read_case
from shared.auth import Actor
from shared.http import Session, requires
from shared.policy import Action

router = APIRouter(prefix="/cases", tags=["cases"])


class CaseOut(BaseModel):
    """A case with the legs the caller may see."""

    id: UUID
    number: str
    beneficiary_id: UUID
    area: str
    is_open: bool
    close_reason: str | None
    legs: list[WorklistItem]


@router.get("/{case_id}")
async def read(
    case_id: UUID, tx: Session, actor: Actor = requires(Action.REFERRAL_READ)
) -> CaseOut:
    """A case; 404 unless at least one of its legs lies in the caller's scope."""
    case = await read_case(case_id, tx=tx, actor=actor)
    legs = await queries.legs_of(tx, actor, case_id)
    return CaseOut(
        id=case.id,
        number=case.number,
        beneficiary_id=case.beneficiary_id,
        area=case.area,
        is_open=case.is_open,
        close_reason=case.close_reason,
        legs=[WorklistItem.of(row, tx.now) for row in legs],
    )
