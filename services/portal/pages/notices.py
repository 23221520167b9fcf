"""Kabar: the visitor's notices."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.portal.forms import Form, submitted
from services.portal.pages.places import of_referral, see
from services.portal.problems import ClientProblem
from services.portal.rendering import fragment, page, unread_count
from services.portal.sessions import Services, SignedIn
from shared.errors import Unavailable

router = APIRouter()


@router.get("/kabar")
async def show(request: Request, visitor: SignedIn, clients: Services) -> Response:
    """The notices, newest first."""
    notices = await clients.notifications.notices(visitor.token)
    return await page(request, "notices.html", visitor, active="kabar", notices=notices)


@router.get("/kabar/bagian")
async def refresh(request: Request, visitor: SignedIn, clients: Services) -> Response:
    """The notices alone, as they are now."""
    notices = await clients.notifications.notices(visitor.token)
    return fragment(request, "parts/notices.html", visitor=visitor, notices=notices)


@router.get("/kabar/jumlah")
async def count(request: Request, visitor: SignedIn, clients: Services) -> Response:
    """How many notices wait."""
    return fragment(request, "parts/unread.html", unread=await unread_count(clients, visitor))


@router.post("/kabar/dibaca")
async def read_all(
    visitor: SignedIn, clients: Services, form: Annotated[Form, Depends(submitted)]
) -> Response:
    """Mark every notice read."""
    await clients.notifications.mark_all_read(visitor.token, key=form.key)
    return see("/kabar")


@router.post("/kabar/{notice_id}/buka")
async def open_notice(
    visitor: SignedIn,
    clients: Services,
    form: Annotated[Form, Depends(submitted)],
    notice_id: UUID,
) -> Response:
    """Mark a notice read and go to what it is about."""
    # If it stays unread, that is no reason to keep the worker from the referral.
    with suppress(ClientProblem, Unavailable):
        await clients.notifications.mark_read(visitor.token, notice_id)
    try:
        return see(of_referral(UUID(form.get("rujukan"))))
    except ValueError:
        return see("/kabar")
