"""What waits for the data protection officer: requests, breaches, and the audit chain."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.registry.api.dependencies import ProtectionHandler
from services.registry.api.protection_shapes import (
    BreachIn,
    ChainOut,
    DecisionIn,
    HandledOut,
    ListedOut,
    MadeOut,
    RequestListOut,
)
from services.registry.domain.requests import RequestState
from services.registry.use_cases.handle_request import handle_request
from services.registry.use_cases.list_requests import list_requests
from services.registry.use_cases.report_breach import report_breach
from services.registry.use_cases.verify_chain import verify_chain
from shared.http import Session
from shared.idempotency import OncePerKey

router = APIRouter(tags=["data protection"])


@router.get("/requests")
async def find(
    *,
    tx: Session,
    actor: ProtectionHandler,
    state: RequestState = RequestState.OPEN,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> RequestListOut:
    """Requests and breaches of the caller's area, what is due first at the top."""
    found = await list_requests(state, after=cursor, limit=limit, tx=tx, actor=actor)
    return RequestListOut(
        items=[ListedOut.of(one) for one in found],
        next=found[-1].id if len(found) == limit else None,
    )


@router.post("/requests/breaches", status_code=201, response_model=MadeOut)
async def report(body: BreachIn, actor: ProtectionHandler, once: OncePerKey) -> Response:
    """Write down that data got out; people and the agency are to be told within 3 x 24 hours."""
    if once.replay:
        return once.replay
    made = await report_breach(body.area, words=body.words, tx=once.tx, actor=actor)
    return await once.answer(MadeOut(id=made), status=201)


@router.post("/requests/{request_id}/handle", response_model=HandledOut)
async def handle(
    request_id: UUID, body: DecisionIn, actor: ProtectionHandler, once: OncePerKey
) -> Response:
    """Answer a request; what was granted is done."""
    if once.replay:
        return once.replay
    decision = body.to_decision()
    await handle_request(request_id, decision, tx=once.tx, actor=actor)
    return await once.answer(HandledOut(id=request_id, state=decision.state))


@router.get("/audit/chain")
async def verify(
    tx: Session,
    actor: ProtectionHandler,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
) -> ChainOut:
    """Whether the audit trail is as it was written, a portion at a time from a position on."""
    return ChainOut.of(await verify_chain(after, tx=tx, actor=actor))
