"""The verbs: what somebody can do with one referral, each a call of its own."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from services.cases.api.answers import ReferralOut
from services.cases.api.bodies import (
    AssignIn,
    CompleteIn,
    HoldIn,
    NoteIn,
    ReasonIn,
    RerouteIn,
    ResendIn,
    ReturnIn,
    VerbIn,
)
from services.cases.api.parts import parts
from services.cases.api.shown import shown
from services.cases.domain.referral import Referral
from services.cases.use_cases import (
    accept_referral,
    assign_referral,
    cancel_referral,
    complete_referral,
    correct_referral,
    hold_referral,
    note_referral,
    recall_referral,
    reroute_referral,
    resend_referral,
    resume_referral,
    return_referral,
    see_referral,
    start_referral,
)
from services.cases.use_cases.access import Act
from shared import audit
from shared.auth import Actor
from shared.http import requires
from shared.idempotency import Once, OncePerKey
from shared.policy import Action

router = APIRouter(prefix="/referrals/{referral_id}", tags=["verbs"])

IfMatch = Annotated[int | None, Header(ge=1)]


@router.post("/see", response_model=ReferralOut)
async def see(
    referral_id: UUID, body: VerbIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """The caller has opened it."""
    return await _do(see_referral, referral_id, body, first, if_match, actor)


@router.post("/accept", response_model=ReferralOut)
async def accept(
    referral_id: UUID, body: VerbIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Take it; one winner."""
    return await _do(accept_referral, referral_id, body, first, if_match, actor)


@router.post("/assign", response_model=ReferralOut)
async def assign(
    referral_id: UUID, body: AssignIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Give it to one worker of its pillar."""
    return await _do(
        assign_referral, referral_id, body, first, if_match, actor,
        worker_id=body.worker_id, note=body.note,
    )  # fmt: skip


@router.post("/hand_over", response_model=ReferralOut)
async def hand_over(
    referral_id: UUID, body: AssignIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Give what is put off to another worker of its pillar; it stays put off."""
    return await _do(
        assign_referral, referral_id, body, first, if_match, actor,
        worker_id=body.worker_id, note=body.note, put_off=True,
    )  # fmt: skip


@router.post("/start", response_model=ReferralOut)
async def start(
    referral_id: UUID, body: VerbIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Begin to act."""
    return await _do(start_referral, referral_id, body, first, if_match, actor)


@router.post("/note", response_model=ReferralOut)
async def note(
    referral_id: UUID, body: NoteIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Tell the other side something."""
    return await _do(
        note_referral, referral_id, body, first, if_match, actor,
        text=body.text, attachment_ids=body.attachment_ids,
    )  # fmt: skip


@router.post("/hold", response_model=ReferralOut)
async def hold(
    referral_id: UUID, body: HoldIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Put it off until a stated time."""
    return await _do(
        hold_referral, referral_id, body, first, if_match, actor,
        reason=body.reason, until=body.until,
    )  # fmt: skip


@router.post("/resume", response_model=ReferralOut)
async def resume(
    referral_id: UUID, body: VerbIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Go on with what was put off."""
    return await _do(resume_referral, referral_id, body, first, if_match, actor)


@router.post("/complete", response_model=ReferralOut)
async def complete(
    referral_id: UUID, body: CompleteIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Finish with an outcome."""
    return await _do(
        complete_referral, referral_id, body, first, if_match, actor,
        outcome=body.outcome, service=body.service, note=body.note,
    )  # fmt: skip


@router.post("/return", response_model=ReferralOut)
async def give_back(
    referral_id: UUID, body: ReturnIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Give it back to the sender with a reason."""
    return await _do(
        return_referral, referral_id, body, first, if_match, actor,
        reason=body.reason, note=body.note,
    )  # fmt: skip


@router.post("/resend", response_model=ReferralOut)
async def resend(
    referral_id: UUID, body: ResendIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Send a returned referral again."""
    return await _do(
        resend_referral, referral_id, body, first, if_match, actor,
        change=body.change,
    )  # fmt: skip


@router.post("/reroute", response_model=ReferralOut)
async def reroute(
    referral_id: UUID, body: RerouteIn, request: Request, first: OncePerKey,
    if_match: IfMatch = None, actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """End it here and send its need elsewhere."""
    return await _do(
        reroute_referral, referral_id, body, first, if_match, actor,
        target=body.chosen(), note=body.note, rules=parts(request).rules,
    )  # fmt: skip


@router.post("/recall", response_model=ReferralOut)
async def recall(
    referral_id: UUID, body: ReasonIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Take it back."""
    return await _do(
        recall_referral, referral_id, body, first, if_match, actor,
        reason=body.reason,
    )  # fmt: skip


@router.post("/cancel", response_model=ReferralOut)
async def cancel(
    referral_id: UUID, body: ReasonIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Call it off."""
    return await _do(
        cancel_referral, referral_id, body, first, if_match, actor,
        reason=body.reason,
    )  # fmt: skip


@router.post("/correct", response_model=ReferralOut)
async def correct(
    referral_id: UUID, body: ReasonIn, first: OncePerKey, if_match: IfMatch = None,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:  # fmt: skip
    """Say that it should never have been entered."""
    return await _do(
        correct_referral, referral_id, body, first, if_match, actor,
        reason=body.reason,
    )  # fmt: skip


async def _do(
    use_case: Callable[..., Awaitable[Referral | tuple[Referral, tuple[str, ...]]]],
    referral_id: UUID,
    body: VerbIn,
    first: Once,
    if_match: int | None,
    actor: Actor,
    **fields: Any,
) -> Response:
    if first.replay is not None:
        return first.replay
    # The answer shows the need.
    await audit.record(first.tx, actor, "referral.read", [referral_id])
    act = Act(referral_id, body.duty(), body.occurred_at, if_match)
    done = await use_case(act, tx=first.tx, actor=actor, **fields)
    referral, warnings = done if isinstance(done, tuple) else (done, ())
    answer = await shown(first.tx, actor, referral)
    return await first.answer(answer.model_copy(update={"warnings": warnings}))
