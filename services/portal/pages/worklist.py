"""Tugas: what waits for the visitor. Terkirim: what became of what the visitor sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.cases import Work
from services.portal.pages.places import HOME, see
from services.portal.rendering import beneficiary_names, fragment, page, worker_names
from services.portal.sessions import Services, SignedIn, Visitor

router = APIRouter()


class Whose(StrEnum):
    """Which part of the worklist to show."""

    ALL = "semua"
    POOL = "tersedia"
    OWN = "saya"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the visitor narrowed a list to."""

    whose: Whose = Whose.ALL
    status: str = ""

    @property
    def query(self) -> str:
        """The filter as part of an address."""
        return f"milik={self.whose}&status={self.status}"


@router.get("/")
async def home() -> Response:
    """The worklist is home."""
    return see(HOME)


@router.get("/tugas")
async def show_worklist(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    milik: Whose = Whose.ALL,
    status: str = "",
) -> Response:
    """The worklist, due first."""
    context = await _worklist(clients, visitor, Filter(milik, status))
    return await page(request, "worklist.html", visitor, active="tugas", **context)


@router.get("/tugas/bagian")
async def refresh_worklist(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    milik: Whose = Whose.ALL,
    status: str = "",
) -> Response:
    """The cards alone, as they are now."""
    context = await _worklist(clients, visitor, Filter(milik, status))
    return fragment(request, "parts/cards.html", visitor=visitor, **context)


@router.get("/terkirim")
async def show_sent(
    request: Request, visitor: SignedIn, clients: Services, status: str = ""
) -> Response:
    """What the visitor sent, and where each stands."""
    context = await _sent(clients, visitor, Filter(status=status))
    return await page(request, "worklist.html", visitor, active="tugas", **context)


@router.get("/terkirim/bagian")
async def refresh_sent(
    request: Request, visitor: SignedIn, clients: Services, status: str = ""
) -> Response:
    """The sent cards alone, as they are now."""
    context = await _sent(clients, visitor, Filter(status=status))
    return fragment(request, "parts/cards.html", visitor=visitor, **context)


async def _worklist(clients: Clients, visitor: Visitor, wanted: Filter) -> dict[str, Any]:
    work = await clients.cases.worklist(visitor.token, status=wanted.status or None)
    shown = [one for one in work if _fits(one, wanted.whose, visitor)]
    return await _context(clients, visitor, shown, wanted, sent=False)


async def _sent(clients: Clients, visitor: Visitor, wanted: Filter) -> dict[str, Any]:
    work = await clients.cases.sent(visitor.token, status=wanted.status or None)
    return await _context(clients, visitor, work, wanted, sent=True)


async def _context(
    clients: Clients, visitor: Visitor, work: Sequence[Work], wanted: Filter, *, sent: bool
) -> dict[str, Any]:
    workers = {one for item in work for one in (item.holder_id, item.sender_id) if one}
    people = {item.beneficiary_id for item in work if item.beneficiary_id}
    reference, names, persons = await asyncio.gather(
        clients.cases.reference(visitor.token),
        worker_names(clients, visitor, workers),
        beneficiary_names(clients, visitor, people),
    )
    return {
        "work": work,
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
