"""Layanan luar: the list that Dinsos keeps, and the letter that goes to one of them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from services.portal import formats, presentation
from services.portal.clients import Clients
from services.portal.clients.cases import Letter, OutsideService
from services.portal.forms import Filled, Form, try_to_send
from services.portal.pages.places import see
from services.portal.rendering import beneficiary_names, page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SessionCookie, SignedIn, Visitor
from shared.contracts.codes import Role
from shared.errors import NotFound
from shared.reference.areas import children, label_of
from shared.reference.outside_services import OUTSIDE_KINDS

router = page_router()

HERE: Final = "/layanan"
_FIELDS: Final = ("kind", "area", "name", "phone", "address")
_KINDS: Final = [(one.code, one.name) for one in OUTSIDE_KINDS.values()]


@router.get("/layanan")
async def show(
    request: Request, visitor: SignedIn, clients: Services, tersimpan: str = ""
) -> Response:
    """The services of the visitor's area, and the form for a new one."""
    return await _page(request, clients, visitor, Form(), saved=bool(tersimpan))


@router.get("/layanan/{service_id}")
async def show_one(
    request: Request, visitor: SignedIn, clients: Services, service_id: UUID
) -> Response:
    """The form for one of them."""
    services = await _kept(clients, visitor)
    found = next((one for one in services if one.id == service_id), None)
    if found is None:
        raise NotFound
    values = {name: [getattr(found, name) or ""] for name in _FIELDS}
    form = Form({**values, "active": ["ya"] if found.active else []})
    return await _page(request, clients, visitor, form, changing=found)


@router.post("/layanan")
async def add(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """Put a new one on the list."""
    return await _save(request, clients, visitor, form, None)


@router.post("/layanan/{service_id}")
async def change(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    service_id: UUID,
) -> Response:
    """Change one."""
    return await _save(request, clients, visitor, form, service_id)


@router.get("/rujukan/{referral_id}/surat.pdf")
async def print_letter(
    request: Request, visitor: SignedIn, clients: Services, referral_id: UUID
) -> Response:
    """The referral letter; the names come from registry and directory as it is printed."""
    # Only here, for writing PDF takes 45 MB that most portals never need.
    from services.portal.letters import Words, letter  # noqa: PLC0415 - see above

    said = await clients.cases.letter(visitor.token, referral_id)
    reference = await clients.cases.reference(visitor.token)
    persons = await beneficiary_names(clients, visitor, {said.beneficiary_id})
    workers = await worker_names(clients, visitor, {said.sender_id})
    cookie: SessionCookie = request.app.state.cookie
    scheme = "https" if cookie.secure else "http"
    category = None
    if said.category and said.situation:
        named = reference.label("categories", said.category)
        category = f"{named}, {reference.label('situations', said.situation)}"
    words = Words(
        number=said.case_number,
        written_at=datetime.now(UTC),
        service=said.service.name,
        service_address=said.service.address or "",
        service_phone=said.service.phone or "",
        person=_name(said, persons.get(said.beneficiary_id, "")),
        place=label_of(said.place),
        category=category,
        need=said.need,
        urgency=reference.label("urgencies", said.urgency),
        sender=workers[said.sender_id].name if said.sender_id in workers else "Petugas Sinergi",
        sender_duty=f"{presentation.pillar_name(said.sender_pillar)}, {label_of(said.sender_area)}",
        address=f"{scheme}://{request.headers['host']}/rujukan/{referral_id}",
    )
    name = f"surat-{said.case_number}.pdf"
    return Response(
        letter(words),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _name(said: Letter, name: str) -> str:
    if not name:
        return "(disampaikan oleh petugas)"
    return formats.initials(name) if said.initials_only else name


async def _save(
    request: Request, clients: Clients, visitor: Visitor, form: Form, service_id: UUID | None
) -> Response:
    body = form.filled(*_FIELDS)
    body["active"] = service_id is None or bool(form.get("active"))
    form.require("kind", "Pilih jenis layanan.")
    form.require("area", "Pilih wilayah.")
    form.require("name", "Tulis nama layanan.")

    async def send() -> None:
        await clients.cases.keep_outside_service(
            visitor.token, body, service_id=service_id, key=form.key
        )

    if await try_to_send(form, send):
        return see(f"{HERE}?tersimpan=1")
    services = await _kept(clients, visitor)
    changing = next((one for one in services if one.id == service_id), None)
    return await _page(request, clients, visitor, form, changing=changing)


async def _kept(clients: Clients, visitor: Visitor) -> list[OutsideService]:
    found: dict[UUID, OutsideService] = {}
    for area in _areas(visitor):
        listed = await clients.cases.outside_services(visitor.token, area, inactive=True)
        found |= {one.id: one for one in listed}
    return sorted(found.values(), key=lambda one: (not one.active, one.name))


def _areas(visitor: Visitor) -> list[str]:
    """Where the visitor keeps the list."""
    return sorted({duty.area for duty in visitor.worker.duties if duty.role is Role.DINSOS})


def _choices(areas: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (label_of(area), [(area, f"Seluruh {label_of(area)}"), *children(area)]) for area in areas
    ]


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
    *,
    changing: OutsideService | None = None,
    saved: bool = False,
) -> Response:
    return await page(
        request,
        "outside.html",
        visitor,
        status=form.code,
        active="layanan",
        form=form,
        services=await _kept(clients, visitor),
        changing=changing,
        saved=saved,
        kinds=_KINDS,
        areas=_choices(_areas(visitor)),
    )
