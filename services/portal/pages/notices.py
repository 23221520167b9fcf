"""Kabar: the visitor's notices."""

from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.answers import Listed
from services.portal.clients.notifications import Notice
from services.portal.forms import Filled
from services.portal.pages.long_lists import BATCH, Cursor, Shown, more, rows
from services.portal.pages.places import of_referral, see
from services.portal.problems import ClientProblem
from services.portal.rendering import fragment, page, unread_count
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable

router = page_router()

_PLACES: Final = {
    "families_new": "/tugas",
    "request_due": "/pelindungan",
    "report_received": "/laporan",
}
"""Where notices lead that are about no single referral, by their kind."""


@router.get("/kabar")
async def show(
    request: Request, visitor: SignedIn, clients: Services, kursor: Cursor = None
) -> Response:
    """The notices, newest first."""
    context = await _context(clients, visitor, kursor)
    return await page(request, "notices.html", visitor, active="kabar", **context)


@router.get("/kabar/bagian")
async def refresh(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    kursor: Cursor = None,
    tampil: Shown = BATCH,
) -> Response:
    """The notices alone, as they are now; as many as the page shows."""
    context = await _context(clients, visitor, kursor, tampil)
    return fragment(request, "parts/notices.html", visitor=visitor, **context)


@router.get("/kabar/lagi")
async def show_more(
    request: Request, visitor: SignedIn, clients: Services, kursor: Cursor = None
) -> Response:
    """The notices that come next."""
    context = await _context(clients, visitor, kursor)
    return fragment(request, "parts/notice_rows.html", visitor=visitor, added=True, **context)


@router.get("/kabar/jumlah")
async def count(request: Request, visitor: SignedIn, clients: Services) -> Response:
    """How many notices wait."""
    return fragment(request, "parts/unread.html", unread=await unread_count(clients, visitor))


@router.post("/kabar/dibaca")
async def read_all(visitor: SignedIn, clients: Services, form: Filled) -> Response:
    """Mark every notice read."""
    await clients.notifications.mark_all_read(visitor.token, key=form.key)
    return see("/kabar")


@router.post("/kabar/{notice_id}/buka")
async def open_notice(
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    notice_id: UUID,
) -> Response:
    """Mark a notice read and go to what it is about."""
    # If it stays unread, that is no reason to keep the worker from the referral.
    with suppress(ClientProblem, Unavailable):
        await clients.notifications.mark_read(visitor.token, notice_id)
    if place := _PLACES.get(form.get("jenis")):
        return see(place)
    referral = form.id_in("rujukan")
    return see(of_referral(referral) if referral else "/kabar")


async def _context(
    clients: Clients, visitor: Visitor, cursor: str | None, count: int = BATCH
) -> dict[str, Any]:
    async def fetch(after: str | None, limit: int) -> Listed[Notice]:
        return await clients.notifications.notices(visitor.token, cursor=after, limit=limit)

    listed = await rows(fetch, cursor=cursor, wanted=count)
    return {
        "notices": listed.items,
        "more": more("/kabar", listed.next),
        "cursor": cursor,
    }
