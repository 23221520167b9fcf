"""Breaking the glass: an emergency look at what is confidential."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from services.cases.api.bodies import CaseNumber, Text
from services.cases.use_cases import break_glass
from services.cases.use_cases.break_glass import GLASS_HOURS
from shared.auth import Actor
from shared.http import Input, requires
from shared.idempotency import OncePerKey
from shared.policy import Action

router = APIRouter(prefix="/glass", tags=["glass"])


class GlassIn(Input):
    """Which case, and why it cannot wait."""

    case_number: CaseNumber
    reason: Text


class GlassOut(BaseModel):
    """What may be read now, and until when."""

    referral_ids: list[UUID]
    until: datetime


@router.post("", status_code=201, response_model=GlassOut)
async def break_it(
    body: GlassIn,
    first: OncePerKey,
    actor: Actor = requires(Action.GLASS_BREAK),
) -> Response:
    """Read the open referrals of a case for three hours; the data protection officer is told."""
    if first.replay is not None:
        return first.replay
    opened = await break_glass(body.case_number, reason=body.reason, tx=first.tx, actor=actor)
    answer = GlassOut(
        referral_ids=[referral.id for referral in opened],
        until=first.tx.now + timedelta(hours=GLASS_HOURS),
    )
    return await first.answer(answer, status=201)
