"""Answer a request about data, and do what was granted."""

from uuid import UUID

from services.registry.domain.requests import (
    Decision,
    RequestHandled,
    RequestKind,
    RequestState,
)
from services.registry.storage import grounds, merges, requests, restriction
from services.registry.storage.requests import Open
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def handle_request(request_id: UUID, decision: Decision, *, tx: Tx, actor: Actor) -> None:
    """Write the answer down once.

    A granted restriction holds at once, for every record that is the same person; a granted
    erasure restricts at once, and the clock does the rest when no referral is open. A withdrawal
    that is marked done stops now and not only at its deadline. Raises `NotFound` out of scope,
    `RequestHandled`, and `RuleViolated` for a refusal that the law does not allow.
    """
    request = await requests.get_for_handling(tx, actor, request_id)
    if request is None:
        raise NotFound
    if request.state is not RequestState.OPEN:
        raise RequestHandled
    decision.require_fitting(request.kind)
    await requests.handle(tx, actor, request_id, decision)
    if decision.state is RequestState.DONE:
        await _do(request, tx=tx, actor=actor)
    detail = f"{request.kind},{decision.refusal or decision.state}"
    subject = request.beneficiary_id or request.id
    await audit.record(tx, actor, "protection.request_handled", [subject], detail=detail)


async def _do(request: Open, *, tx: Tx, actor: Actor) -> None:
    if request.beneficiary_id is None:
        return
    await merges.hold(tx)
    ids = await merges.whole(tx, [request.beneficiary_id])
    # What a person asks holds wherever a record of theirs lies; nothing of it is shown.
    async with tx.beyond_scope():
        if request.legal_basis_id is not None:
            await grounds.stop_sooner(tx, request.legal_basis_id, ids)
        elif request.kind in {RequestKind.RESTRICTION, RequestKind.ERASURE}:
            new = await restriction.restrict(tx, ids)
            await audit.record(tx, actor, "protection.restricted", new)
            if request.kind is RequestKind.ERASURE:
                await restriction.erase_from_now(tx, request.beneficiary_id)
