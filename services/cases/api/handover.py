"""Moving work between workers, many referrals at once, with a preview and a result per item."""

from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.cases.api.bodies import Text
from services.cases.api.plan_answers import PersonOut
from services.cases.domain.ranking import why
from services.cases.use_cases.hand_over import hand_over
from services.cases.use_cases.move_legs import AT_ONCE, Move, Moved, move_legs
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus
from shared.http import Input, requires
from shared.idempotency import IdempotencyKey, claimed
from shared.policy import Action

router = APIRouter(tags=["board"])

SHOWN_CANDIDATES = 5
ReferralIds = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=AT_ONCE)]


class HandOverIn(Input):
    """Whose work, to whom (or to the first of each ranking), which part of it, and why."""

    from_worker: UUID
    to_worker: UUID | None = None
    referral_ids: ReferralIds | None = None
    reason: Text


class AssignmentsIn(Input):
    """Which referrals, to whom (or to the first of each ranking), and why."""

    referral_ids: ReferralIds
    to_worker: UUID | None = None
    reason: Text | None = None


class CandidateOut(PersonOut):
    """Somebody who could take it, and why they stand at this place."""

    reasons: tuple[str, ...]


class MovedOut(BaseModel):
    """What became of one referral, or would become of it."""

    referral_id: UUID
    ok: bool
    code: str | None
    """The code of the problem when it cannot be moved."""
    title: str | None
    case_number: str | None
    status: ReferralStatus | None
    """After the move."""
    pillar: str | None
    area: str | None
    from_worker: UUID | None
    to_worker: UUID | None
    candidates: list[CandidateOut]
    """The first of the ranking; in a preview alone."""

    @classmethod
    def of(cls, moved: Moved, *, preview: bool) -> Self:
        """From a result; of a referral out of scope nothing but its id."""
        referral = moved.referral
        return cls(
            referral_id=moved.referral_id,
            ok=moved.problem is None,
            code=moved.problem.code if moved.problem else None,
            title=moved.problem.title if moved.problem else None,
            case_number=referral.case_number if referral else None,
            status=referral.status if referral else None,
            pillar=referral.pillar if referral else None,
            area=referral.area if referral else None,
            from_worker=moved.from_worker,
            to_worker=moved.to_worker,
            candidates=[
                CandidateOut.of(one, reasons=why(one, referral.area))
                for one in moved.candidates[:SHOWN_CANDIDATES]
                if preview and referral
            ],
        )


class MovesOut(BaseModel):
    """The results in the order asked for."""

    preview: bool
    moved: int
    failed: int
    left: int
    """Legs of the worker that were not touched: not chosen, or not in the caller's charge."""
    as_sender: int
    """What waits for the worker as its sender, which nobody can take over but a stand-in."""
    items: list[MovedOut]

    @classmethod
    def of(
        cls, items: Sequence[Moved], *, preview: bool, left: int = 0, as_sender: int = 0
    ) -> Self:
        """From the results."""
        moved = sum(one.problem is None for one in items)
        return cls(
            preview=preview,
            moved=moved,
            failed=len(items) - moved,
            left=left,
            as_sender=as_sender,
            items=[MovedOut.of(one, preview=preview) for one in items],
        )


@router.post("/handover", response_model=MovesOut)
async def handover(
    body: HandOverIn,
    request: Request,
    *,
    preview: bool = False,
    idempotency_key: IdempotencyKey = None,
    actor: Actor = requires(Action.WORK_ASSIGN),
) -> Response:
    """Move a worker's legs to others; with `?preview=true` say what would happen."""
    # A preview changes nothing, so its key stays free for the act itself.
    async with claimed(request, actor, None if preview else idempotency_key) as first:
        if first.replay is not None:
            return first.replay
        move = Move(body.to_worker, body.reason, preview)
        done = await hand_over(body.from_worker, body.referral_ids, move, tx=first.tx, actor=actor)
        answer = MovesOut.of(done.items, preview=preview, left=done.left, as_sender=done.as_sender)
        return await first.answer(answer)


@router.post("/assignments", response_model=MovesOut)
async def assignments(
    body: AssignmentsIn,
    request: Request,
    *,
    preview: bool = False,
    idempotency_key: IdempotencyKey = None,
    actor: Actor = requires(Action.WORK_ASSIGN),
) -> Response:
    """Give many referrals to a worker; with `?preview=true` say what would happen."""
    async with claimed(request, actor, None if preview else idempotency_key) as first:
        if first.replay is not None:
            return first.replay
        move = Move(body.to_worker, body.reason, preview)
        items = await move_legs(body.referral_ids, move, tx=first.tx, actor=actor)
        return await first.answer(MovesOut.of(items, preview=preview))
