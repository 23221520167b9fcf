"""Tugas: what waits for the visitor. Terkirim: what became of what the visitor sent."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.answers import Listed
from services.portal.clients.cases import Work
from services.portal.pages.long_lists import BATCH, Cursor, Shown, more, rows
from services.portal.rendering import beneficiary_names, fragment, page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor

router = page_router()


class Whose(StrEnum):
    """Which part of the worklist to show."""

    ALL = "semua"
    POOL = "tersedia"
    OWN = "saya"


class Due(StrEnum):
    """By when something must be done."""

    ANY = ""
    OVERDUE = "lewat"
    TODAY = "hari-ini"

    @property
    def asked(self) -> str | None:
        """The same as the service is asked for it."""
        return {Due.OVERDUE: "overdue", Due.TODAY: "today"}.get(self)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the visitor narrowed a list to, and from where on it is shown."""

    whose: Whose = Whose.ALL
    status: str = ""
    pillar: str = ""
    due: Due = Due.ANY
    cursor: str | None = None

    @property
    def narrowed(self) -> dict[str, str]:
        """The filter as parts of an address."""
        return {
            "milik": self.whose,
            "status": self.status,
            "pilar": self.pillar,
            "tenggat": self.due,
        }

    @property
    def query(self) -> str:
        """The filter and the place in the list as part of an address."""
        return urlencode(self.narrowed | ({"kursor": self.cursor} if self.cursor else {}))


def _filter(
    *,
    milik: Whose = Whose.ALL,
    status: str = "",
    pilar: str = "",
    tenggat: Due = Due.ANY,
    kursor: Cursor = None,
) -> Filter:
    return Filter(milik, status, pilar, tenggat, kursor)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/tugas")
async def show_worklist(
    request: Request, visitor: SignedIn, clients: Services, wanted: Wanted
) -> Response:
    """The worklist, due first."""
    context = await _worklist(clients, visitor, wanted)
    return await page(request, "worklist.html", visitor, active="tugas", **context)


@router.get("/tugas/bagian")
async def refresh_worklist(
    request: Request, visitor: SignedIn, clients: Services, wanted: Wanted, tampil: Shown = BATCH
) -> Response:
    """The cards alone, as they are now; as many as the page shows."""
    context = await _worklist(clients, visitor, wanted, tampil)
    return fragment(request, "parts/cards.html", visitor=visitor, **context)


@router.get("/tugas/lagi")
async def more_worklist(
    request: Request, visitor: SignedIn, clients: Services, wanted: Wanted
) -> Response:
    """The cards that come next."""
    context = await _worklist(clients, visitor, wanted)
    return fragment(request, "parts/card_rows.html", visitor=visitor, added=True, **context)


@router.get("/terkirim")
async def show_sent(
    request: Request, visitor: SignedIn, clients: Services, wanted: Wanted
) -> Response:
    """What the visitor sent, and where each stands."""
    context = await _sent(clients, visitor, wanted)
    return await page(request, "worklist.html", visitor, active="tugas", **context)


@router.get("/terkirim/bagian")
async def refresh_sent(
    request: Request, visitor: SignedIn, clients: Services, wanted: Wanted, tampil: Shown = BATCH
) -> Response:
    """The sent cards alone, as they are now; as many as the page shows."""
    context = await _sent(clients, visitor, wanted, tampil)
    return fragment(request, "parts/cards.html", visitor=visitor, **context)


@router.get("/terkirim/lagi")
async def more_sent(
    request: Request, visitor: SignedIn, clients: Services, wanted: Wanted
) -> Response:
    """The sent cards that come next."""
    context = await _sent(clients, visitor, wanted)
    return fragment(request, "parts/card_rows.html", visitor=visitor, added=True, **context)


async def _worklist(
    clients: Clients, visitor: Visitor, wanted: Filter, count: int = BATCH
) -> dict[str, Any]:
    async def fetch(cursor: str | None, limit: int) -> Listed[Work]:
        return await clients.cases.worklist(
            visitor.token,
            status=wanted.status or None,
            pillar=wanted.pillar or None,
            due=wanted.due.asked,
            cursor=cursor,
            limit=limit,
        )

    listed = await rows(
        fetch,
        cursor=wanted.cursor,
        wanted=count,
        fits=lambda item: _fits(item, wanted.whose, visitor),
    )
    return await _context(clients, visitor, listed, wanted, sent=False)


async def _sent(
    clients: Clients, visitor: Visitor, wanted: Filter, count: int = BATCH
) -> dict[str, Any]:
    async def fetch(cursor: str | None, limit: int) -> Listed[Work]:
        return await clients.cases.sent(
            visitor.token, status=wanted.status or None, cursor=cursor, limit=limit
        )

    listed = await rows(fetch, cursor=wanted.cursor, wanted=count)
    return await _context(clients, visitor, listed, wanted, sent=True)


async def _context(
    clients: Clients, visitor: Visitor, listed: Listed[Work], wanted: Filter, *, sent: bool
) -> dict[str, Any]:
    work = listed.items
    workers = {one for item in work for one in (item.holder_id, item.sender_id) if one}
    people = {item.beneficiary_id for item in work if item.beneficiary_id}
    reference, names, persons = await asyncio.gather(
        clients.cases.reference(visitor.token),
        worker_names(clients, visitor, workers),
        beneficiary_names(clients, visitor, people),
    )
    address = "/terkirim" if sent else "/tugas"
    return {
        "work": work,
        "more": more(address, listed.next, **wanted.narrowed),
        "address": address,
        "wanted": wanted,
        "sent": sent,
        "reference": reference,
        "workers": names,
        "persons": persons,
    }


def _fits(item: Work, whose: Whose, visitor: Visitor) -> bool:
    match whose:
        case Whose.ALL:
            return True
        case Whose.POOL:
            return item.holder_id is None
        case Whose.OWN:
            return item.holder_id == visitor.worker.id
