"""The open referrals a coordinator answers for, page by page or as a sheet."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.cases.api.board import AreaIn, PillarIn
from services.cases.api.pages import page, place
from services.cases.api.sheets import OPEN_HEAD, open_row
from services.cases.api.worklist_answers import WorklistPage
from services.cases.storage import worklists
from services.cases.storage.worklists import Narrowed
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus, Urgency
from shared.http import Session, requires
from shared.policy import Action
from shared.reference.areas import require_known
from shared.reference.pillars import require_pillar
from shared.sheets import Format, sheet

router = APIRouter(prefix="/referrals/open", tags=["board"])

LONGEST: Final = 50_000
"""How many lines a sheet holds at most; a kabupaten has less."""


async def _narrowed(
    *,
    area: AreaIn = None,
    pillar: PillarIn = None,
    status: ReferralStatus | None = None,
    urgency: Urgency | None = None,
    overdue: bool = False,
    escalated: bool | None = None,
) -> Narrowed:
    return Narrowed(area, pillar, status, urgency, overdue, escalated)


To = Annotated[Narrowed, Depends(_narrowed)]


@router.get("", response_model=WorklistPage)
async def open_list(
    tx: Session,
    to: To,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    actor: Actor = requires(Action.WORK_ASSIGN),
) -> Response:
    """Escalated ones first, then due first; the lines are those of a worklist."""
    _require_known(to)
    rows = await worklists.open_referrals(tx, actor, to, after=place(cursor), limit=limit)
    return page(actor, rows, limit=limit)


@router.get("/export", response_class=Response)
async def export(
    tx: Session,
    to: To,
    format: Format = "csv",  # noqa: A002 - the name in the contract
    actor: Actor = requires(Action.WORK_ASSIGN),
) -> Response:
    """The same list as a sheet, without persons and needs; the export is audited."""
    _require_known(to)
    rows = await worklists.open_referrals(tx, actor, to, after=None, limit=LONGEST)
    detail = f"{to.area or '-'} {to.pillar or '-'} {format} {len(rows)}"
    await audit.record(tx, actor, "referral.export", [actor.id], detail)
    lines = [open_row(row, tx.now) for row in rows]
    return await sheet("rujukan-terbuka", format, OPEN_HEAD, lines)


def _require_known(to: Narrowed) -> None:
    if to.area is not None:
        require_known(to.area)
    if to.pillar is not None:
        require_pillar(to.pillar)
