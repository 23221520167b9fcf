"""Pelindungan data of one person: grounds, withdrawal, requests, the file, and who has looked."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import Query, Request
from starlette.responses import Response

from services.portal import protection_words
from services.portal.clients import Clients
from services.portal.clients.answers import Listed, read
from services.portal.clients.personal_file import PersonalFile
from services.portal.clients.protection import Trace
from services.portal.forms import Filled, Form, try_to_send
from services.portal.navigation import may_do
from services.portal.pages.long_lists import Cursor, more, rows
from services.portal.pages.places import of_protection, see
from services.portal.rendering import page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.policy import Action

router = page_router()

CONSENT: Final = "consent"
HandedTo = Annotated[str, Query(pattern="^(person|guardian)$")]


@router.get("/warga/{beneficiary_id}/pelindungan")
async def show(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    beneficiary_id: UUID,
    *,
    tersimpan: bool = False,
) -> Response:
    """How the data of this person is protected."""
    return await _page(request, clients, visitor, beneficiary_id, Form(), saved=tersimpan)


@router.post("/warga/{beneficiary_id}/pelindungan/dasar")
async def record_grounds(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    beneficiary_id: UUID,
) -> Response:
    """Write down why data may be held for a purpose."""
    form.require("purpose", "Pilih tujuannya.")
    form.require("basis", "Pilih dasarnya.")
    body: dict[str, Any] = {"purpose": form.get("purpose"), "basis": form.get("basis")}
    if form.get("basis") == CONSENT:
        if form.get("consent.channel"):
            body["consent"] = {
                "text_version": form.get("consent.text_version") or "1",
                "channel": form.get("consent.channel"),
            }
        if form.get("guardian"):
            body["guardian"] = form.get("guardian")
        body["guardian_is_suspect"] = bool(form.get("guardian_is_suspect"))

    async def send() -> None:
        await clients.protection.record_grounds(visitor.token, beneficiary_id, body, key=form.key)

    if await try_to_send(form, send):
        return _see_saved(beneficiary_id)
    return await _page(request, clients, visitor, beneficiary_id, form, tried="dasar")


@router.post("/warga/{beneficiary_id}/pelindungan/tarik/{basis_id}")
async def withdraw(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    beneficiary_id: UUID,
    basis_id: UUID,
) -> Response:
    """Withdraw a consent."""

    async def send() -> None:
        await clients.protection.withdraw(visitor.token, beneficiary_id, basis_id, key=form.key)

    if await try_to_send(form, send):
        return _see_saved(beneficiary_id)
    return await _page(request, clients, visitor, beneficiary_id, form, tried="tarik")


@router.post("/warga/{beneficiary_id}/pelindungan/minta")
async def ask(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    beneficiary_id: UUID,
) -> Response:
    """Take down what the person asks."""
    form.require("kind", "Pilih apa yang diminta.")
    body = form.filled("kind", "words")

    async def send() -> None:
        await clients.protection.ask(visitor.token, beneficiary_id, body, key=form.key)

    if await try_to_send(form, send):
        return _see_saved(beneficiary_id)
    return await _page(request, clients, visitor, beneficiary_id, form, tried="minta")


@router.get("/warga/{beneficiary_id}/jejak")
async def show_trail(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    beneficiary_id: UUID,
    kursor: Cursor = None,
) -> Response:
    """Who read or changed the record, in plain words."""
    listed, workers = await _trail(clients, visitor, beneficiary_id, kursor)
    return await page(
        request,
        "trail.html",
        visitor,
        active="pelindungan",
        traces=listed.items,
        workers=workers,
        more=more(f"/warga/{beneficiary_id}/jejak", listed.next),
        says=protection_words,
        beneficiary_id=beneficiary_id,
        may_record=may_do(visitor.worker, Action.PROTECTION_RECORD),
    )


@router.get("/warga/{beneficiary_id}/berkas.json")
async def download_json(
    visitor: SignedIn, clients: Services, beneficiary_id: UUID, untuk: HandedTo
) -> Response:
    """Everything held about the person, for machines."""
    found = await clients.protection.file(visitor.token, beneficiary_id, untuk)
    return _file(found.content, "application/json", "json")


@router.get("/warga/{beneficiary_id}/berkas.pdf")
async def download_pdf(
    visitor: SignedIn, clients: Services, beneficiary_id: UUID, untuk: HandedTo
) -> Response:
    """Everything held about the person, for paper."""
    # Only here, for writing PDF takes 45 MB that most portals never need.
    from services.portal.personal_files import personal_file  # noqa: PLC0415 - see above

    found = await clients.protection.file(visitor.token, beneficiary_id, untuk)
    file = read(PersonalFile, orjson.loads(found.content))
    reference, workers = await asyncio.gather(
        clients.cases.reference(visitor.token), worker_names(clients, visitor, file.people())
    )
    # A long trail takes seconds to print, in which others must be served.
    made = await asyncio.to_thread(personal_file, file, reference, workers, datetime.now(UTC))
    return _file(made, "application/pdf", "pdf")


def _file(content: bytes, media_type: str, ending: str) -> Response:
    """A download whose name says nothing of whom it is about."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="berkas-data-pribadi.{ending}"',
            "Cache-Control": "private, no-store",
        },
    )


async def _trail(
    clients: Clients, visitor: Visitor, beneficiary_id: UUID, cursor: str | None
) -> tuple[Listed[Trace], Any]:
    async def fetch(after: str | None, limit: int) -> Listed[Trace]:
        return await clients.protection.trail(
            visitor.token, beneficiary_id, cursor=after, limit=limit
        )

    listed = await rows(fetch, cursor=cursor)
    people = {one.actor_id for one in listed.items if not protection_words.is_ours(one)}
    return listed, await worker_names(clients, visitor, people)


def _see_saved(beneficiary_id: UUID) -> Response:
    return see(of_protection(beneficiary_id) + "?tersimpan=true")


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    beneficiary_id: UUID,
    form: Form,
    *,
    tried: str = "",
    saved: bool = False,
) -> Response:
    found = await clients.protection.of(visitor.token, beneficiary_id)
    reference, workers = await asyncio.gather(
        clients.cases.reference(visitor.token), worker_names(clients, visitor, found.people())
    )
    return await page(
        request,
        "protection.html",
        visitor,
        status=form.code,
        active="pelindungan",
        person=found,
        reference=reference,
        workers=workers,
        form=form,
        tried=tried,
        saved=saved,
        says=protection_words,
        handles=may_do(visitor.worker, Action.PROTECTION_HANDLE),
        audits=may_do(visitor.worker, Action.AUDIT_READ),
        reads=may_do(visitor.worker, Action.BENEFICIARY_READ),
        corrects=may_do(visitor.worker, Action.BENEFICIARY_CHANGE),
    )
