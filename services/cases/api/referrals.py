"""Referrals: plan, send, list and read; the verbs stand in `verbs`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.cases.api.answers import CaseRef, ReferralOut, SentOut
from services.cases.api.bodies import SendReferralIn
from services.cases.api.parts import Parts, parts
from services.cases.api.plan_answers import PlanOut
from services.cases.api.shown import just_sent, shown
from services.cases.api.worklist_answers import WorklistItem
from services.cases.domain.errors import UnknownBeneficiary
from services.cases.storage import known, outside, queries
from services.cases.use_cases import plan_referral, read_referral, send_referral
from services.cases.use_cases.plan_referral import BeneficiaryNotKnownYet, asked_around
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus
from shared.database import Database
from shared.http import Session, requires
from shared.idempotency import IdempotencyKey, claimed
from shared.policy import Action

router = APIRouter(prefix="/referrals", tags=["referrals"])


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
        command = body.command()
        asked = asked_around(command)
        async with database.transaction(actor.row_scope(), openings=[asked]) as tx:
            made, _ = await plan_referral(
                command,
                tx=tx,
                actor=actor,
                rules=own.rules,
                around=known.surroundings_of(tx.opened[0]),
                ranked=True,
            )
            fitting = await outside.fitting(tx, body.area, made.rule.external_services)
            wanted = body.target.service
            chosen = await outside.get(tx, wanted) if wanted else None
            return PlanOut.of(made, tx.now, services=fitting, service=chosen)

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
        command = body.command()
        asked = asked_around(command)
        async with claimed(request, actor, idempotency_key, asked) as first:
            if first.replay is not None:
                return first.replay
            tx = first.tx
            case, sent, warnings = await send_referral(
                command,
                tx=tx,
                actor=actor,
                rules=own.rules,
                numbers=own.numbers,
                around=known.surroundings_of(tx.opened[0]),
            )
            answer = SentOut(
                case=CaseRef(id=case.id, number=case.number),
                referrals=[just_sent(referral, actor, tx.now) for referral in sent],
                warnings=warnings,
            )
            return await first.answer(answer, status=201)

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
    items = [WorklistItem.of(row, tx.now, actor.id) for row in rows]
    more = len(rows) == limit
    return {"items": items, "next": str(rows[-1]["id"]) if more else None}


@router.get("/{referral_id}")
async def read(
    referral_id: UUID, tx: Session, actor: Actor = requires(Action.REFERRAL_READ)
) -> ReferralOut:
    """One referral with clocks, history and the verbs open to the caller."""
    referral = await read_referral(referral_id, tx=tx, actor=actor)
    return await shown(tx, actor, referral)


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
            merged_into=found.merged_into,
        )
    return await attempt()
