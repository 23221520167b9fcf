"""Laporan: what other systems tell of somebody, until a worker has said who it is."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.answers import Listed
from services.portal.clients.reports import ReportRow
from services.portal.forms import Filled, Form, try_to_send
from services.portal.pages.long_lists import Cursor, more, rows
from services.portal.pages.places import of_person, of_report, see
from services.portal.pages.register import with_names
from services.portal.rendering import page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import NotFound

router = page_router("/laporan")

REFUSING: Final = "tolak"
REFUSALS: Final[Mapping[str, str]] = {
    "already_recorded": "Orangnya sudah tercatat",
    "not_found": "Orangnya tidak ditemukan",
    "not_in_need": "Tidak termasuk kategori PPKS",
    "elsewhere": "Tinggal di wilayah lain",
    "mistaken": "Laporan keliru atau terkirim dua kali",
}


@router.get("")
async def show(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    kursor: Cursor = None,
    *,
    selesai: bool = False,
) -> Response:
    """Those that wait, the oldest first."""

    async def fetch(after: str | None, limit: int) -> Listed[ReportRow]:
        return await clients.reports.waiting(visitor.token, cursor=after, limit=limit)

    listed = await rows(fetch, cursor=kursor)
    return await page(
        request,
        "reports.html",
        visitor,
        active="laporan",
        reports=listed.items,
        more=more("/laporan", listed.next),
        settled=selesai,
    )


@router.get("/{report_id}")
async def show_one(
    request: Request, visitor: SignedIn, clients: Services, report_id: UUID
) -> Response:
    """One report, and who is recorded and may be the same."""
    return await _page(request, clients, visitor, report_id, Form(), tried="")


@router.post("/{report_id}/sama")
async def say_same(
    request: Request, visitor: SignedIn, clients: Services, form: Filled, report_id: UUID
) -> Response:
    """It tells of somebody who is recorded."""
    same = form.id_in("beneficiary_id")
    if same is None:
        raise NotFound

    async def send() -> None:
        body = {"beneficiary_id": str(same)}
        await clients.reports.settle(visitor.token, report_id, body, key=form.key)

    if await try_to_send(form, send):
        return see(f"{of_person(same)}?selesai=laporan")
    return await _page(request, clients, visitor, report_id, form, tried=str(same))


@router.post("/{report_id}/tolak")
async def refuse(
    request: Request, visitor: SignedIn, clients: Services, form: Filled, report_id: UUID
) -> Response:
    """Nobody is recorded for it."""
    form.require("refusal", "Pilih alasannya.")

    async def send() -> None:
        body = {"refusal": form.get("refusal")}
        await clients.reports.settle(visitor.token, report_id, body, key=form.key)

    if await try_to_send(form, send):
        return see("/laporan?selesai=true")
    return await _page(request, clients, visitor, report_id, form, tried=REFUSING)


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    report_id: UUID,
    form: Form,
    *,
    tried: str,
) -> Response:
    report = await clients.reports.get(visitor.token, report_id)
    return await page(
        request,
        "report.html",
        visitor,
        status=form.code,
        active="laporan",
        form=form,
        tried=tried,
        report=report,
        here=of_report(report_id),
        candidates=await with_names(clients, visitor, list(report.candidates)),
        workers=await worker_names(
            clients, visitor, {report.settled_by} if report.settled_by else set()
        ),
        refusals=REFUSALS,
        reference=await clients.cases.reference(visitor.token),
    )
