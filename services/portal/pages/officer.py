"""Pelindungan: what waits for the data protection officer, breaches, and the audit chain."""

from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from services.portal import protection_words
from services.portal.clients import Clients
from services.portal.clients.answers import Listed
from services.portal.clients.protection import Asked, Chain
from services.portal.forms import Filled, Form, try_to_send
from services.portal.pages.long_lists import Cursor, more, rows
from services.portal.pages.places import see
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.contracts.codes import Role
from shared.reference.areas import label_of

router = page_router()

HERE: Final = "/pelindungan"
SAVED: Final = HERE + "?tersimpan=true"
_ANSWERING: Final = (Role.DATA_PROTECTION, Role.DINSOS)


@router.get(HERE)
async def show(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    kursor: Cursor = None,
    *,
    tersimpan: bool = False,
) -> Response:
    """What is due, first of all what is due first."""
    return await _page(request, clients, visitor, Form(), cursor=kursor, saved=tersimpan)


@router.post(HERE + "/jawab/{request_id}")
async def handle(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    request_id: UUID,
) -> Response:
    """Grant or refuse a request; what cannot be undone is asked for twice."""
    form.require("decision", "Pilih keputusannya.")
    decision = form.get("decision")
    granted = decision == protection_words.GRANTED
    if granted and form.get("kind") == protection_words.ERASURE:
        form.require("sure", "Tandai bila data benar-benar boleh dihapus.")
    body = form.filled("answer") | ({} if granted else {"refusal": decision})

    async def send() -> None:
        await clients.protection.handle(visitor.token, request_id, body, key=form.key)

    if await try_to_send(form, send):
        return see(SAVED)
    return await _page(request, clients, visitor, form, tried=request_id)


@router.post(HERE + "/kegagalan")
async def report_breach(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """Write down that data got out."""
    form.require("area", "Pilih wilayahnya.")
    form.require("words", "Tulis data apa, kapan, dan bagaimana.")
    body = {name: form.get(name) for name in ("area", "words")}

    async def send() -> None:
        await clients.protection.report_breach(visitor.token, body, key=form.key)

    if await try_to_send(form, send):
        return see(SAVED)
    return await _page(request, clients, visitor, form, tried="kegagalan")


@router.post(HERE + "/jejak")
async def verify(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """Check the audit trail, from where the last check ended."""
    said = form.get("after")
    after = int(said) if said.isascii() and said.isdecimal() else 0
    chain = await clients.protection.verify(visitor.token, after)
    return await _page(request, clients, visitor, Form(), chain=chain)


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
    *,
    cursor: str | None = None,
    tried: UUID | str = "",
    saved: bool = False,
    chain: Chain | None = None,
) -> Response:
    async def fetch(after: str | None, limit: int) -> Listed[Asked]:
        return await clients.protection.requests(
            visitor.token, state="open", cursor=after, limit=limit
        )

    listed = await rows(fetch, cursor=cursor)
    areas = sorted({duty.area for duty in visitor.worker.duties if duty.role in _ANSWERING})
    return await page(
        request,
        "officer.html",
        visitor,
        status=form.code,
        active="pelindungan",
        asked=listed.items,
        more=more(HERE, listed.next),
        form=form,
        tried=tried,
        saved=saved,
        chain=chain,
        areas=[(area, label_of(area)) for area in areas],
        says=protection_words,
    )
