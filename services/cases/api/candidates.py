"""Who could take a referral, ranked, and why; for coordinators."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.cases.api.plan_answers import PersonOut
from services.cases.domain.ranking import why
from services.cases.use_cases import rank_candidates
from shared.auth import Actor
from shared.http import Session, requires
from shared.policy import Action

router = APIRouter(tags=["referrals"])


class CandidateOut(PersonOut):
    """Somebody who could take it; `reasons` say in words why they stand at this place."""

    rank: int
    holds_it: bool
    reasons: tuple[str, ...]


class CandidatesOut(BaseModel):
    """The ranking, best first."""

    items: list[CandidateOut]
    next: None = None


@router.get("/referrals/{referral_id}/candidates")
async def candidates(
    referral_id: UUID, tx: Session, actor: Actor = requires(Action.WORK_ASSIGN)
) -> CandidatesOut:
    """The workers a coordinator could assign it to: present first, then near, then least laden."""
    referral, found = await rank_candidates(referral_id, tx=tx, actor=actor)
    return CandidatesOut(
        items=[
            CandidateOut.of(
                one,
                rank=rank,
                holds_it=one.worker_id == referral.holder_id,
                reasons=why(one, referral.area),
            )
            for rank, one in enumerate(found, 1)
        ]
    )
