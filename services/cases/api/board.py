"""What coordinators watch over: the board, its gaps, and who has how much in hand."""

import base64
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from services.cases.api.sheets import BOARD_HEAD, board_row
from services.cases.storage import boards, workloads
from services.cases.storage import gaps as missing
from services.cases.storage.boards import By, Line, Times
from services.cases.storage.workloads import After
from shared import audit
from shared.auth import Actor
from shared.errors import Invalid
from shared.http import Session, requires
from shared.policy import Action
from shared.reference.areas import require_known
from shared.reference.pillars import require_pillar
from shared.sheets import Format, sheet

router = APIRouter(tags=["board"])

AreaIn = Annotated[str | None, Query(min_length=2, max_length=13)]
PillarIn = Annotated[str | None, Query(max_length=60)]


class TimesOut(BaseModel):
    """How long something took in the last 30 days."""

    count: int
    """Of how many, the latest of each kabupaten; at most 1,000 there."""
    median_seconds: float
    p90_seconds: float

    @classmethod
    def of(cls, times: Times | None) -> Self | None:
        """None when nothing happened."""
        if times is None:
            return None
        return cls(count=times.count, median_seconds=times.median, p90_seconds=times.p90)


class BoardLine(BaseModel):
    """What is open under one key: a code of status, pillar, urgency, area or age."""

    key: str | None
    open: int
    overdue: int
    escalated: int
    reply: TimesOut | None
    """From sending to the first answer, for the last 30 days; none by status and by age."""
    completion: TimesOut | None
    """From sending to the end, for the last 30 days; none by status and by age."""

    @classmethod
    def of(cls, line: Line) -> Self:
        """From a counted line."""
        return cls(
            key=line.key,
            open=line.open,
            overdue=line.overdue,
            escalated=line.escalated,
            reply=TimesOut.of(line.reply),
            completion=TimesOut.of(line.completion),
        )


class BoardOut(BaseModel):
    """The open referrals in the caller's charge, counted at one moment."""

    area: str | None
    by: By
    at: datetime
    total: BoardLine
    items: list[BoardLine]


class GapOut(BaseModel):
    """A pillar with open need in an area where nobody holds a duty of it."""

    pillar: str
    area: str
    open: int
    oldest_sent_at: datetime


class IdleCase(BaseModel):
    """An open case for which nothing is on its way."""

    case_id: UUID
    number: str
    area: str
    phase: str
    opened_at: datetime


class GapsOut(BaseModel):
    """Up to 100 of each, the worst first."""

    gaps: list[GapOut]
    idle_cases: list[IdleCase] | None
    """None for a whole province: ask by kabupaten."""


class WorkloadItem(BaseModel):
    """What one worker has in hand in the caller's charge."""

    worker_id: UUID
    pillar: str | None
    """None for somebody without a duty in force here, who holds work all the same."""
    area: str | None
    open: int
    held: int
    waiting: int
    """Sent to this worker by name and not yet accepted."""
    overdue: int
    escalated: int
    next_due_at: datetime | None
    absent: bool
    absent_until: date | None
    stand_in_id: UUID | None


class WorkloadOut(BaseModel):
    """Workers, the most laden first."""

    items: list[WorkloadItem]
    next: str | None


@router.get("/board")
async def board(
    tx: Session,
    area: AreaIn = None,
    by: By = By.STATUS,
    actor: Actor = requires(Action.BOARD_READ),
) -> BoardOut:
    """Counts by status, pillar, urgency, age, or the areas one level below, with their times."""
    total, *lines = await boards.board(tx, actor, area=_known(area), by=by)
    return BoardOut(
        area=area,
        by=by,
        at=tx.now,
        total=BoardLine.of(total),
        items=[BoardLine.of(line) for line in lines],
    )


@router.get("/board/gaps")
async def gaps(
    tx: Session, area: AreaIn = None, actor: Actor = requires(Action.BOARD_READ)
) -> GapsOut:
    """Where nobody covers an open need, and the open cases for which nothing is on its way."""
    uncovered = await missing.gaps(tx, actor, area=_known(area))
    idle = await missing.idle_cases(tx, actor, area=area)
    return GapsOut(
        gaps=[
            GapOut(
                pillar=row["pillar"],
                area=row["area"],
                open=row["open"],
                oldest_sent_at=row["oldest"],
            )
            for row in uncovered
        ],
        idle_cases=None
        if idle is None
        else [
            IdleCase(
                case_id=row["id"],
                number=row["number"],
                area=row["area"],
                phase=row["phase"],
                opened_at=row["opened_at"],
            )
            for row in idle
        ],
    )


@router.get("/board/export", response_class=Response)
async def export(
    tx: Session,
    area: AreaIn = None,
    by: By = By.STATUS,
    format: Format = "csv",  # noqa: A002 - the name in the contract
    actor: Actor = requires(Action.BOARD_READ),
) -> Response:
    """The board as a sheet; the export is audited."""
    lines = await boards.board(tx, actor, area=_known(area), by=by)
    await audit.record(tx, actor, "board.export", [actor.id], f"{area or '-'} {by} {format}")
    return await sheet("papan-rujukan", format, BOARD_HEAD, [board_row(line, by) for line in lines])


@router.get("/workload")
async def workload(
    tx: Session,
    area: AreaIn = None,
    pillar: PillarIn = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    actor: Actor = requires(Action.BOARD_READ),
) -> WorkloadOut:
    """Who has how much in hand."""
    if pillar is not None:
        require_pillar(pillar)
    rows = await workloads.workload(
        tx, actor, area=_known(area), pillar=pillar, after=_place(cursor), limit=limit
    )
    more = len(rows) == limit
    return WorkloadOut(
        items=[WorkloadItem(**row) for row in rows],
        next=_written(rows[-1]) if more else None,
    )


def _known(area: str | None) -> str | None:
    return require_known(area) if area is not None else None


def _written(row: Any) -> str:
    return base64.urlsafe_b64encode(f"{row['open']}|{row['worker_id']}".encode()).decode()


def _place(cursor: str | None) -> After | None:
    if cursor is None:
        return None
    try:
        count, _, worker = base64.urlsafe_b64decode(cursor).decode().partition("|")
        return After(int(count), UUID(worker))
    except ValueError as error:
        detail = "The cursor is not one of ours."
        raise Invalid(detail, errors=[{"pointer": "/cursor", "detail": detail}]) from error
