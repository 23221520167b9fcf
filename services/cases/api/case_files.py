"""A case: its legs, its phase, its end."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from services.cases.api.answers import CaseRef, DutyOut
from services.cases.api.bodies import CaseNumber, Text, VerbIn
from services.cases.api.shown import hides_sender
from services.cases.api.worklist_answers import WorklistItem
from services.cases.domain.case import Case, CaseStep, CaseVerb, phases_open
from services.cases.domain.sight import Sight, reads_case
from services.cases.storage import case_files, planned_legs, queries, referrals
from services.cases.use_cases import close_case, find_case, move_case, read_case, reopen_case
from services.cases.use_cases.access import sight
from services.cases.use_cases.case_access import CaseAct
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import CasePhase, Outcome, Urgency
from shared.database import Tx
from shared.http import Session, requires
from shared.idempotency import Once, OncePerKey
from shared.policy import Action

router = APIRouter(prefix="/cases", tags=["cases"])


class CaseStepOut(BaseModel):
    """One line of a case's history."""

    version: int
    verb: CaseVerb
    phase: CasePhase
    at: datetime
    occurred_at: datetime
    """Earlier than `at` for an act done offline."""
    actor_id: UUID | None
    """None for the clock and for a protected reporter."""
    acting_as: DutyOut | None
    note: str | None
    reason: Outcome | None


class PlannedLegOut(BaseModel):
    """A leg that is sent when another has ended."""

    pillar: str
    area: str
    after_id: UUID


class CaseOut(BaseModel):
    """A case with the legs the caller may see."""

    id: UUID
    number: str
    beneficiary_id: UUID
    area: str
    phase: CasePhase
    phases_open: list[CasePhase]
    is_open: bool
    opened_at: datetime
    closed_at: datetime | None
    close_reason: Outcome | None
    version: int
    legs: list[WorklistItem]
    planned: list[PlannedLegOut]
    history: list[CaseStepOut]

    @classmethod
    async def of(cls, case: Case, *, tx: Tx, actor: Actor) -> Self:
        """From the aggregate, with everything of it that lies in the caller's scope.

        Words about the person stay with those who see all of a leg that is as confidential as any.
        A reporter whom a leg protects is not named by the history either.
        """
        legs = await queries.legs_of(tx, actor, case.id)
        whole = await referrals.of_case(tx, case.id)
        full = {leg.id: leg for leg in whole if await sight(tx, actor, leg) is Sight.FULL}
        protected = {leg.sender_id for leg in whole if hides_sender(leg, actor)}
        opened = reads_case(await case_files.most_confidential(tx, case.id), full.values())
        emergency = any(leg["urgency"] == Urgency.EMERGENCY for leg in legs)
        return cls(
            id=case.id,
            number=case.number,
            beneficiary_id=case.beneficiary_id,
            area=case.area,
            phase=case.phase,
            phases_open=phases_open(case.phase, emergency=emergency) if case.is_open else [],
            is_open=case.is_open,
            opened_at=case.opened_at,
            closed_at=case.closed_at,
            close_reason=case.close_reason if opened else None,
            version=case.version,
            legs=[
                item if item.referral_id in full else item.without_words()
                for item in (WorklistItem.of(row, tx.now, actor.id) for row in legs)
            ],
            planned=[
                PlannedLegOut(pillar=leg.pillar, area=leg.area, after_id=after_id)
                for leg, after_id in await planned_legs.waiting(tx, case.id)
            ],
            history=[
                _step(step, opened=opened, protected=protected)
                for step in await case_files.history(tx, case.id)
            ],
        )


class CloseIn(VerbIn):
    """How the case ended."""

    reason: Outcome
    note: Text | None = None


class ReopenIn(VerbIn):
    """Why the case is taken up again."""

    reason: Text


class PhaseIn(VerbIn):
    """Where the work goes."""

    phase: CasePhase
    note: Text | None = None


@router.get("/by-number/{number}")
async def find(
    number: CaseNumber, tx: Session, actor: Actor = requires(Action.REFERRAL_READ)
) -> CaseRef:
    """The case people know by this number; 404 unless one of its legs lies in scope."""
    case = await find_case(number, tx=tx, actor=actor)
    return CaseRef(id=case.id, number=case.number)


@router.get("/{case_id}")
async def read(
    case_id: UUID, tx: Session, actor: Actor = requires(Action.REFERRAL_READ)
) -> CaseOut:
    """A case; 404 unless at least one of its legs lies in the caller's scope."""
    case = await read_case(case_id, tx=tx, actor=actor)
    return await CaseOut.of(case, tx=tx, actor=actor)


@router.post("/{case_id}/close", response_model=CaseOut)
async def close(
    case_id: UUID, body: CloseIn, first: OncePerKey, actor: Actor = requires(Action.REFERRAL_READ)
) -> Response:
    """End it by hand: 409 `legs-open` while a referral of it has not ended."""
    if first.replay is not None:
        return first.replay
    case = await close_case(
        _act(case_id, body), reason=body.reason, note=body.note, tx=first.tx, actor=actor
    )
    return await _answer(case, first, actor)


@router.post("/{case_id}/reopen", response_model=CaseOut)
async def reopen(
    case_id: UUID, body: ReopenIn, first: OncePerKey, actor: Actor = requires(Action.REFERRAL_READ)
) -> Response:
    """Take a closed case up again."""
    if first.replay is not None:
        return first.replay
    case = await reopen_case(_act(case_id, body), note=body.reason, tx=first.tx, actor=actor)
    return await _answer(case, first, actor)


@router.post("/{case_id}/phase", response_model=CaseOut)
async def phase(
    case_id: UUID, body: PhaseIn, first: OncePerKey, actor: Actor = requires(Action.REFERRAL_READ)
) -> Response:
    """Move the work to another phase."""
    if first.replay is not None:
        return first.replay
    case = await move_case(
        _act(case_id, body), phase=body.phase, note=body.note, tx=first.tx, actor=actor
    )
    return await _answer(case, first, actor)


async def _answer(case: Case, first: Once, actor: Actor) -> Response:
    # What was noted on the case goes back with it.
    await audit.record(first.tx, actor, "case.read", [case.id])
    return await first.answer(await CaseOut.of(case, tx=first.tx, actor=actor))


def _act(case_id: UUID, body: VerbIn) -> CaseAct:
    return CaseAct(case_id, body.duty(), body.occurred_at)


def _step(step: CaseStep, *, opened: bool, protected: AbstractSet[UUID]) -> CaseStepOut:
    named = step.actor_id not in protected
    duty = None
    if named and step.acting_pillar and step.acting_area:
        duty = DutyOut(pillar=step.acting_pillar, area=step.acting_area)
    return CaseStepOut(
        version=step.version,
        verb=step.verb,
        phase=step.phase,
        at=step.at,
        occurred_at=step.occurred_at,
        actor_id=step.actor_id if named else None,
        acting_as=duty,
        note=step.note if opened else None,
        reason=step.reason if opened else None,
    )
