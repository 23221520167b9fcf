"""Izin: days on which a worker is absent, and who stands in."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.directory import Worker
from services.portal.forms import Filled, Form, try_to_send
from services.portal.pages.places import see
from services.portal.pages.verb_forms import Options
from services.portal.problems import ClientProblem
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable
from shared.reference.areas import Level, at_level

router = page_router()


@router.get("/izin/{worker_id}")
async def show(
    request: Request, visitor: SignedIn, clients: Services, worker_id: UUID, tersimpan: str = ""
) -> Response:
    """The form for the visitor's own absence, or that of a worker in their charge."""
    return await _page(request, clients, visitor, worker_id, Form(), saved=bool(tersimpan))


@router.post("/izin/{worker_id}")
async def announce(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    worker_id: UUID,
) -> Response:
    """Announce the absence; the stand-in sees and does the work from its first day on."""
    form.require("from", "Pilih hari pertama.")
    form.require("to", "Pilih hari terakhir.")
    body = form.filled("from", "to", "stand_in_id")

    async def send() -> None:
        await clients.directory.announce_absence(visitor.token, worker_id, body, key=form.key)

    if await try_to_send(form, send, again="Kirim lagi"):
        return see(f"/izin/{worker_id}?tersimpan=1")
    return await _page(request, clients, visitor, worker_id, form)


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    worker_id: UUID,
    form: Form,
    *,
    saved: bool = False,
) -> Response:
    absent = await clients.directory.one(visitor.token, worker_id)
    return await page(
        request,
        "absence.html",
        visitor,
        status=form.code,
        active="profil" if worker_id == visitor.worker.id else "pantau",
        form=form,
        absent=absent,
        colleagues=await _colleagues(clients, visitor, absent),
        saved=saved,
    )


async def _colleagues(clients: Clients, visitor: Visitor, absent: Worker) -> Options:
    """Those of the first duty's pillar nearby who are at work now; directory checks the rest."""
    duty = next((one for one in absent.duties if one.active), None)
    if duty is None:
        return []
    around = at_level(duty.area, Level.REGENCY) or duty.area
    try:
        found = await clients.directory.workers_of(visitor.token, pillar=duty.pillar, area=around)
    except (ClientProblem, Unavailable):
        return []
    present = [one for one in found if one.id != absent.id and one.absent_until is None]
    return [(str(one.id), one.name) for one in sorted(present, key=lambda one: one.name)]
