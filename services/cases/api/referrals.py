"""Referrals: plan, send, read, and the verbs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from services.cases.api.answers import CaseRef, PlanOut, ReferralOut, SentOut, WorklistItem
from services.cases.api.bodies import (
    CompleteIn,
    NoteIn,
    ResendIn,
    ReturnIn,
    SendReferralIn,
    VerbIn,
)
from services.cases.api.parts import Parts, parts
from services.cases.domain.errors import UnknownBeneficiary
from services.cases.domain.referral import Referral
from services.cases.storage import known, queries
from services.cases.use_cases import (
    accept_referral,
    complete_referral,
    note_referral,
    plan_referral,
    read_referral,
    resend_referral,
    return_referral,
    see_referral,
    send_referral,
    start_referral,
)
from services.cases.use_cases.access import Act, relations_of, sees_status_only
from services.cases.use_cases.plan_referral import BeneficiaryNotKnownYet
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus
from shared.database import Database
from shared.http import Session, requires
from shared.idempotency import IdempotencyKey, Once, claim, once
from shared.policy import Action

router = APIRouter(prefix="/referrals", tags=["referrals"])

OnceIn = Annotated[Once, Depends(once, scope="function")]
IfMatch = Annotated[int | None, Header(ge=1)]


@router.post("/plan")
async def plan(
    body: SendReferralIn,
    request: Request,
    actor: Actor = requires(Action.REFERRAL_SEND),
) -> PlanOut:
    """What sending would do: legs, clocks, people, reasons, warnings. Changes nothing."""
    database: Database = request.app.state.database
    own = parts(request)

    async def attempt() -> PlanOut:
        async with database.transaction(actor.row_scope()) as tx:
            made, _ = await plan_referral(body.command(), tx=tx, actor=actor, rules=own.rules)
            return PlanOut.of(made, tx.now)

    return await _with_beneficiary(attempt, body.beneficiary_id, database, own)


@router.post("", status_code=201, response_model=SentOut)
async def send(
    body: SendReferralIn,
    request: Request,
    idempotency_key: IdempotencyKey = None,
    actor: Actor = requires(Action.REFERRAL_SEND),
) -> Response:
    """Send a referral: 201 the first time, 200 with the same body for a repeated key."""
    database: Database = request.app.state.database
    own = parts(request)

    async def attempt() -> Response:
        async with database.transaction(actor.row_scope()) as tx:
            first = await claim(tx, actor, idempotency_key, request)
            if first.replay is not None:
                return first.replay
            case, referral, made = await send_referral(
                body.command(), tx=tx, actor=actor, rules=own.rules, numbers=own.numbers
            )
            sent = SentOut(
                case=CaseRef(id=case.id, number=case.number),
                referrals=[_out(referral, actor, tx.now)],
                warnings=made.warnings,
            )
            return await first.answer(sent, status=201)

    return await _with_beneficiary(attempt, body.beneficiary_id, database, own)


@router.get("")
async def sent(
    tx: Session,
    status: ReferralStatus | None = None,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> dict[str, Any]:
    """The caller's own referrals, newest first."""
    rows = await queries.sent_by(tx, actor, status=status, before=cursor, limit=limit)
    items = [WorklistItem.of(row, tx.now) for row in rows]
    more = len(rows) == limit
    return {"items": items, "next": str(rows[-1]["id"]) if more else None}


@router.get("/{referral_id}")
async def read(
    referral_id: UUID, tx: Session, actor: Actor = requires(Action.REFERRAL_READ)
) -> ReferralOut:
    """One referral with clocks, history and the verbs open to the caller."""
    referral = await read_referral(referral_id, tx=tx, actor=actor)
    return _out(referral, actor, tx.now, await queries.history(tx, referral_id))


@router.post("/{referral_id}/see", response_model=ReferralOut)
async def see(
    referral_id: UUID, body: VerbIn, first: OnceIn, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """The caller has opened it."""
    return await _do(see_referral, referral_id, body, first, if_match, actor)


@router.post("/{referral_id}/accept", response_model=ReferralOut)
async def accept(
    referral_id: UUID, body: VerbIn, first: OnceIn, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Take it; one winner."""
    return await _do(accept_referral, referral_id, body, first, if_match, actor)


@router.post("/{referral_id}/start", response_model=ReferralOut)
async def start(
    referral_id: UUID, body: VerbIn, first: OnceIn, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Begin to act."""
    return await _do(start_referral, referral_id, body, first, if_match, actor)


@router.post("/{referral_id}/note", response_model=ReferralOut)
async def note(
    referral_id: UUID, body: NoteIn, first: OnceIn, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Tell the other side something."""
    return await _do(note_referral, referral_id, body, first, if_match, actor, text=body.text)


@router.post("/{referral_id}/complete", response_model=ReferralOut)
async def complete(
    referral_id: UUID, body: CompleteIn, first: OnceIn, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Finish with an outcome."""
    return await _do(
        complete_referral, referral_id, body, first, if_match, actor,
        outcome=body.outcome, service=body.service, note=body.note,
    )  # fmt: skip


@router.post("/{referral_id}/return", response_model=ReferralOut)
async def give_back(
    referral_id: UUID, body: ReturnIn, first: OnceIn, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Give it back to the sender with a reason."""
    return await _do(
        return_referral, referral_id, body, first, if_match, actor,
        reason=body.reason, note=body.note,
    )  # fmt: skip


@router.post("/{referral_id}/resend", response_model=ReferralOut)
async def resend(
    referral_id: UUID, body: ResendIn, first: OnceIn, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Send a returned referral again."""
    return await _do(resend_referral, referral_id, body, first, if_match, actor, change=body.change)


async def _do(
    use_case: Callable[..., Awaitable[Referral]],
    referral_id: UUID,
    body: VerbIn,
    first: Once,
    if_match: int | None,
    actor: Actor,
    **fields: Any,
) -> Response:
    if first.replay is not None:
        return first.replay
    act = Act(referral_id, body.duty(), body.occurred_at, if_match)
    referral = await use_case(act, tx=first.tx, actor=actor, **fields)
    steps = await queries.history(first.tx, referral_id)
    return await first.answer(_out(referral, actor, first.tx.now, steps))


def _out(referral: Referral, actor: Actor, now: Any, steps: list[Any] | None = None) -> ReferralOut:
    relations = relations_of(actor, referral)
    return ReferralOut.of(
        referral,
        now=now,
        allowed=referral.allowed_to(relations),
        steps=steps,
        status_only=sees_status_only(referral.confidentiality, relations),
    )


T = TypeVar("T")


async def _with_beneficiary(
    attempt: Callable[[], Awaitable[T]], beneficiary_id: UUID, database: Database, own: Parts
) -> T:
    """Try; when registry's event is still on its way, ask registry and try once more."""
    try:
        return await attempt()
    except BeneficiaryNotKnownYet:
        found = await own.neighbours.beneficiary(beneficiary_id)
    if found is None:
        raise UnknownBeneficiary
    async with database.transaction() as tx:
        await known.remember_beneficiary(
            tx,
            beneficiary_id=found.id,
            version=found.version,
            area=found.area,
            confidentiality=found.confidentiality,
            merged_into=None,
        )
    return await attempt()
