"""Pantau: what a coordinator answers for, the worst first, and where nobody covers a need."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import httpx2
from fastapi import Depends, Query, Request
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.answers import Listed
from services.portal.clients.cases import Work
from services.portal.pages.long_lists import BATCH, Cursor, Shown, more, rows
from services.portal.rendering import beneficiary_names, fragment, page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor

router = page_router()

_KINDS: Final = frozenset({"csv", "xlsx"})
_PASSED_ON: Final = ("content-type", "content-disposition", "cache-control")


class By(StrEnum):
    """What the bars stand for."""

    AREA = "area"
    PILLAR = "pillar"
    URGENCY = "urgency"
    STATUS = "status"
    AGE = "age"


WORDS: Final = {
    By.AREA: "Wilayah",
    By.PILLAR: "Pilar",
    By.URGENCY: "Urgensi",
    By.STATUS: "Status",
    By.AGE: "Umur",
}


class Only(StrEnum):
    """Which open referrals to list."""

    ALL = "semua"
    OVERDUE = "terlambat"
    ESCALATED = "eskalasi"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the visitor narrowed the page to."""

    by: By = By.AREA
    area: str = ""
    pillar: str = ""
    only: Only = Only.ALL
    status: str = ""
    urgency: str = ""
    cursor: str | None = None

    @property
    def narrowed(self) -> dict[str, str]:
        """The same as parts of this page's address."""
        return {
            "menurut": self.by,
            "wilayah": self.area,
            "pilar": self.pillar,
            "saring": self.only,
            "status": self.status,
            "urgensi": self.urgency,
        }

    @property
    def query(self) -> str:
        """The filter and the place in the list as part of an address."""
        return urlencode(self.narrowed | ({"kursor": self.cursor} if self.cursor else {}))

    @property
    def asked(self) -> dict[str, str]:
        """The same as the service is asked for its open list."""
        wanted = {
            "area": self.area,
            "pillar": self.pillar,
            "status": self.status,
            "urgency": self.urgency,
        }
        if self.only is Only.OVERDUE:
            wanted["overdue"] = "true"
        if self.only is Only.ESCALATED:
            wanted["escalated"] = "true"
        return {name: value for name, value in wanted.items() if value}

    def address(self, **changes: str) -> str:
        """This page with something else chosen."""
        return "/pantau?" + urlencode({**self.narrowed, **changes})


def _wish(
    *,
    menurut: By = By.AREA,
    wilayah: Annotated[str, Query(max_length=13)] = "",
    pilar: Annotated[str, Query(max_length=60)] = "",
    saring: Only = Only.ALL,
    status: Annotated[str, Query(max_length=20)] = "",
    urgensi: Annotated[str, Query(max_length=20)] = "",
    kursor: Cursor = None,
) -> Wish:
    return Wish(menurut, wilayah, pilar, saring, status, urgensi, kursor)


Wanted = Annotated[Wish, Depends(_wish)]


@router.get("/pantau")
async def show(request: Request, visitor: SignedIn, clients: Services, wish: Wanted) -> Response:
    """Counts as bars, gaps, and the open referrals, escalated and overdue first."""
    area = wish.area or None
    board, gaps, listed = await asyncio.gather(
        clients.board.board(visitor.token, area=area, by=wish.by),
        clients.board.gaps(visitor.token, area=area),
        _listed(clients, visitor, wish, BATCH),
    )
    most = max((line.open for line in board.items), default=0)
    return await page(
        request,
        "watch.html",
        visitor,
        active="pantau",
        board=board,
        gaps=gaps,
        most=most,
        kinds=WORDS,
        **await _context(clients, visitor, listed, wish),
    )


@router.get("/pantau/bagian")
async def refresh(
    request: Request, visitor: SignedIn, clients: Services, wish: Wanted, tampil: Shown = BATCH
) -> Response:
    """The cards alone, as they are now."""
    listed = await _listed(clients, visitor, wish, tampil)
    context = await _context(clients, visitor, listed, wish)
    return fragment(request, "parts/watched.html", visitor=visitor, **context)


@router.get("/pantau/lagi")
async def more_cards(
    request: Request, visitor: SignedIn, clients: Services, wish: Wanted
) -> Response:
    """The cards that come next."""
    listed = await _listed(clients, visitor, wish, BATCH)
    context = await _context(clients, visitor, listed, wish)
    return fragment(request, "parts/card_rows.html", visitor=visitor, added=True, **context)


@router.get("/pantau/unduh")
async def download(
    visitor: SignedIn, clients: Services, wish: Wanted, bentuk: str = "xlsx"
) -> Response:
    """The open list as a sheet, without persons."""
    kind = bentuk if bentuk in _KINDS else "xlsx"
    return _file(await clients.board.sheet(visitor.token, kind=kind, narrowed=wish.asked))


@router.get("/pantau/papan")
async def download_board(
    visitor: SignedIn, clients: Services, wish: Wanted, bentuk: str = "xlsx"
) -> Response:
    """The counts as a sheet."""
    kind = bentuk if bentuk in _KINDS else "xlsx"
    area = wish.area or None
    found = await clients.board.board_sheet(visitor.token, kind=kind, area=area, by=wish.by)
    return _file(found)


def _file(found: httpx2.Response) -> Response:
    headers = {name: found.headers[name] for name in _PASSED_ON if name in found.headers}
    return Response(found.content, headers=headers)


async def _listed(clients: Clients, visitor: Visitor, wish: Wish, count: int) -> Listed[Work]:
    async def fetch(cursor: str | None, limit: int) -> Listed[Work]:
        return await clients.board.open_list(
            visitor.token, narrowed=wish.asked, cursor=cursor, limit=limit
        )

    return await rows(fetch, cursor=wish.cursor, wanted=count)


async def _context(
    clients: Clients, visitor: Visitor, listed: Listed[Work], wish: Wish
) -> dict[str, Any]:
    work = listed.items
    workers = {one for item in work for one in (item.holder_id, item.sender_id) if one}
    people = {item.beneficiary_id for item in work if item.beneficiary_id}
    reference, names, persons = await asyncio.gather(
        clients.cases.reference(visitor.token),
        worker_names(clients, visitor, workers),
        beneficiary_names(clients, visitor, people),
    )
    return {
        "work": work,
        "more": more("/pantau", listed.next, **wish.narrowed),
        "wish": wish,
        "sent": True,
        "reference": reference,
        "workers": names,
        "persons": persons,
    }
