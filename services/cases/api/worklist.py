"""The worklist: what waits for the caller."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.cases.api.pages import page, place
from services.cases.api.worklist_answers import WorklistPage
from services.cases.storage import worklists
from services.cases.storage.worklists import Due
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus
from shared.database import Database
from shared.http import requires
from shared.policy import Action
from shared.reference.pillars import require_pillar

router = APIRouter(tags=["worklist"])


@router.get("/worklist", response_model=WorklistPage)
async def worklist(
    request: Request,
    status: ReferralStatus | None = None,
    pillar: str | None = None,
    due: Due | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    actor: Actor = requires(Action.REFERRAL_READ),
) -> Response:
    """Own work, open work of the caller's pools, and what came back; due first."""
    if pillar is not None:
        require_pillar(pillar)
    database: Database = request.app.state.database
    # Opened here: a dependency that stays open is a twentieth of what this answer costs.
    async with database.transaction(actor.row_scope()) as tx:
        rows = await worklists.worklist(
            tx,
            actor,
            status=status,
            pillar=pillar,
            due=due,
            after=place(cursor),
            limit=limit,
        )
    return page(actor, rows, limit=limit)
