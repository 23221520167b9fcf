"""Bencana: the disasters of the visitor's areas, their sites and what happens there."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.disasters import Disaster
from services.portal.formats import parse_local
from services.portal.forms import Filled, Form
from services.portal.navigation import may_do
from services.portal.pages.area_choices import areas_of, villages_in
from services.portal.pages.places import of_disaster, see
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.policy import Action

router = page_router()

HEADS: Final = ("male", "female", "children", "elders", "disabled")


@router.get("/bencana")
async def show_all(request: Request, visitor: SignedIn, clients: Services) -> Response:
    """The disasters, and the form to declare one."""
    return await _all(request, clients, visitor, Form())


@router.post("/bencana")
async def declare(request: Request, visitor: SignedIn, clients: Services, form: Filled) -> Response:
    """Declare a disaster."""
    form.require("name", "Isi nama bencana.")
    form.require("situation", "Pilih jenisnya.")
    form.require("area", "Pilih wilayahnya.")
    body = {name: form.get(name) for name in ("name", "situation", "area")}
    if form.get("started_at"):
        began = parse_local(form.get("started_at"))
        if began is None:
            form.add(FieldError("started_at", "Waktu belum sesuai."))
        else:
            body["started_at"] = began.isoformat()
    if not form.errors:
        try:
            made = await clients.disasters.declare(visitor.token, body, key=form.key)
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return see(of_disaster(made))
    return await _all(request, clients, visitor, form, code=status.HTTP_422_UNPROCESSABLE_CONTENT)


@router.get("/bencana/{disaster_id}")
async def show(
    request: Request, visitor: SignedIn, clients: Services, disaster_id: UUID
) -> Response:
    """One disaster with its sites."""
    return await _one(request, clients, visitor, disaster_id, Form())


@router.post("/bencana/{disaster_id}")
async def add_site(
    request: Request, visitor: SignedIn, clients: Services, disaster_id: UUID, form: Filled
) -> Response:
    """Add a site."""
    form.require("name", "Isi nama lokasi.")
    form.require("kind", "Pilih jenisnya.")
    form.require("area", "Pilih desa atau kelurahan.")
    body: dict[str, Any] = {name: form.get(name) for name in ("name", "kind", "area")}
    capacity = number_in(form, "capacity")
    if capacity is not None:
        body["capacity"] = capacity
    if not form.errors:
        try:
            await clients.disasters.add_site(visitor.token, disaster_id, body, key=form.key)
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return see(of_disaster(disaster_id))
    return await _one(
        request,
        clients,
        visitor,
        disaster_id,
        form,
        code=status.HTTP_422_UNPROCESSABLE_CONTENT,
    )


@router.post("/bencana/{disaster_id}/tutup")
async def close(visitor: SignedIn, clients: Services, disaster_id: UUID, form: Filled) -> Response:
    """Close a disaster."""
    await clients.disasters.close(visitor.token, disaster_id, key=form.key)
    return see(of_disaster(disaster_id))


def number_in(form: Form, name: str) -> int | None:
    """The whole number in a field; None when it is empty, refused when it is something else."""
    text = form.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        form.add(FieldError(name, "Tulis dengan angka."))
        return None
    return int(text)


async def _all(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
    *,
    code: int = status.HTTP_200_OK,
) -> Response:
    manages = may_do(visitor.worker, Action.DISASTER_MANAGE)
    return await page(
        request,
        "disasters.html",
        visitor,
        status=code,
        active="bencana",
        form=form,
        disasters=await clients.disasters.all(visitor.token),
        areas=areas_of(visitor.worker.duties) if manages else None,
        reference=await clients.cases.reference(visitor.token),
    )


async def _one(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    disaster_id: UUID,
    form: Form,
    *,
    code: int = status.HTTP_200_OK,
) -> Response:
    disaster: Disaster = await clients.disasters.get(visitor.token, disaster_id)
    manages = may_do(visitor.worker, Action.DISASTER_MANAGE) and disaster.closed_at is None
    return await page(
        request,
        "disaster.html",
        visitor,
        status=code,
        active="bencana",
        form=form,
        closing=Form().scoped("tutup-"),
        disaster=disaster,
        most=max((site.people.total for site in disaster.sites), default=0),
        manages=manages,
        villages=villages_in(disaster.area) if manages else [],
        takes_in=may_do(visitor.worker, Action.DISASTER_INTAKE),
        reference=await clients.cases.reference(visitor.token),
    )
