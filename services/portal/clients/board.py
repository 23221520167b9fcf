"""What coordinators watch over at cases: counts, gaps, workloads, and moving work."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx2

from services.portal.clients.answers import Answer, Listed, read, read_list, read_listed
from services.portal.clients.cases import Work
from services.portal.clients.service import Service


class Times(Answer):
    """How long something took in the last 30 days."""

    count: int
    median_seconds: float
    p90_seconds: float


class Line(Answer):
    """What is open under one key."""

    key: str | None = None
    open: int
    overdue: int
    escalated: int
    reply: Times | None = None
    completion: Times | None = None


class Board(Answer):
    """The open referrals in the visitor's charge."""

    area: str | None = None
    at: datetime
    total: Line
    items: tuple[Line, ...] = ()


class Gap(Answer):
    """A pillar with open need in an area where nobody holds a duty of it."""

    pillar: str
    area: str
    open: int
    oldest_sent_at: datetime


class IdleCase(Answer):
    """An open case for which nothing is on its way."""

    case_id: UUID
    number: str
    area: str
    opened_at: datetime


class Gaps(Answer):
    """Where nobody covers an open need."""

    gaps: tuple[Gap, ...] = ()
    idle_cases: tuple[IdleCase, ...] | None = None
    """None where too many areas are asked for at once."""


class Load(Answer):
    """What one worker has in hand."""

    worker_id: UUID
    pillar: str | None = None
    area: str | None = None
    open: int
    held: int
    waiting: int
    overdue: int
    escalated: int
    absent: bool = False
    absent_until: date | None = None
    stand_in_id: UUID | None = None


class Candidate(Answer):
    """Somebody who could take a referral, and why they stand at this place."""

    worker_id: UUID
    absent: bool = False
    open_load: int = 0
    holds_it: bool = False
    reasons: tuple[str, ...] = ()


class Moved(Answer):
    """What became of one referral, or would become of it."""

    referral_id: UUID
    ok: bool
    title: str | None = None
    case_number: str | None = None
    status: str | None = None
    area: str | None = None
    to_worker: UUID | None = None
    candidates: tuple[Candidate, ...] = ()


class Moves(Answer):
    """The results of moving work, in order."""

    moved: int
    failed: int
    left: int = 0
    as_sender: int = 0
    items: tuple[Moved, ...] = ()

    def people(self) -> set[UUID]:
        """Every worker the results name."""
        return {one.to_worker for one in self.items if one.to_worker}


class BoardClient:
    """Typed calls to what coordinators use."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def board(self, token: str, *, area: str | None, by: str) -> Board:
        """Counts under the keys asked for."""
        return read(Board, await self.service.get("/board", token, area=area, by=by))

    async def gaps(self, token: str, *, area: str | None) -> Gaps:
        """Where nobody covers an open need."""
        return read(Gaps, await self.service.get("/board/gaps", token, area=area))

    async def open_list(
        self, token: str, *, narrowed: Mapping[str, str], cursor: str | None, limit: int
    ) -> Listed[Work]:
        """The open referrals, escalated and overdue first."""
        answer = await self.service.get(
            "/referrals/open", token, **narrowed, cursor=cursor, limit=limit
        )
        return read_listed(Work, answer)

    async def candidates(self, token: str, referral_id: UUID) -> list[Candidate]:
        """Who could take a referral, best first."""
        answer = await self.service.get(f"/referrals/{referral_id}/candidates", token)
        return read_list(Candidate, answer)

    async def workload(self, token: str, *, area: str | None, cursor: str | None) -> Listed[Load]:
        """Workers, the most laden first."""
        return read_listed(
            Load, await self.service.get("/workload", token, area=area, cursor=cursor)
        )

    async def board_sheet(
        self, token: str, *, kind: str, area: str | None, by: str
    ) -> httpx2.Response:
        """The board as a file."""
        asked = {"by": by, "format": kind} | ({"area": area} if area else {})
        return await self.service.file(f"/board/export?{httpx2.QueryParams(asked)}", token)

    async def sheet(self, token: str, *, kind: str, narrowed: Mapping[str, str]) -> httpx2.Response:
        """The open list as a file."""
        query = str(httpx2.QueryParams({**narrowed, "format": kind}))
        return await self.service.file(f"/referrals/open/export?{query}", token)

    async def hand_over(
        self, token: str, body: Mapping[str, Any], *, preview: bool, key: str
    ) -> Moves:
        """Move a worker's work, or say what would become of each."""
        path = f"/handover?preview={str(preview).lower()}"
        return read(Moves, await self.service.post(path, token, body, key=key))

    async def assign(
        self, token: str, body: Mapping[str, Any], *, preview: bool, key: str
    ) -> Moves:
        """Give many referrals to workers, or say what would become of each."""
        path = f"/assignments?preview={str(preview).lower()}"
        return read(Moves, await self.service.post(path, token, body, key=key))
