"""Rujuk: choose who, say what is needed, see who would be told and why, then send."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.cases import Plan
from services.portal.clients.registry import Beneficiary
from services.portal.formats import WIB
from services.portal.forms import Form, submitted
from services.portal.pages.people import search
from services.portal.pages.places import of_referral, see
from services.portal.problems import ClientProblem
from services.portal.rendering import page, worker_names
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable

router = APIRouter()

_SEARCH: Final = "cari"
_SEND: Final = "kirim"
_EDIT: Final = "ubah"
_TEXTS: Final = (
    "beneficiary_id",
    "category",
    "situation",
    "area",
    "urgency",
    "urgency_reason",
    "need",
    "legal_basis",
)
_YES_NO: Final = {"ya": True, "tidak": False}


@router.get("/rujuk")
async def show(
    request: Request, visitor: SignedIn, clients: Services, warga: UUID | None = None
) -> Response:
    """Choose who first; with somebody chosen, the form."""
    if warga is None:
        return await _choose(request, visitor, Form(), None)
    person = await clients.registry.get(visitor.token, warga)
    return await _form(request, clients, visitor, _start(person), person)


@router.post("/rujuk")
async def refer(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Annotated[Form, Depends(submitted)],
) -> Response:
    """Search, plan, change or send, by the button pressed."""
    step = form.get("_step")
    if step == _SEARCH:
        return await _choose(request, visitor, form, await search(clients, visitor, form))
    person = await clients.registry.get(visitor.token, _chosen(form))
    if step == _EDIT:
        return await _form(request, clients, visitor, form, person)
    return await _plan_or_send(request, clients, visitor, form, person)


async def _plan_or_send(
    request: Request, clients: Clients, visitor: Visitor, form: Form, person: Beneficiary
) -> Response:
    form.require("category", "Pilih kategori.")
    form.require("situation", "Pilih keadaan.")
    form.require("need", "Tulis apa yang dibutuhkan.")
    form.require("legal_basis", "Pilih dasar perujukan.")
    if form.errors:
        return await _form(
            request, clients, visitor, form, person, code=status.HTTP_422_UNPROCESSABLE_CONTENT
        )
    body = _body(form, person)
    try:
        if form.get("_step") == _SEND:
            sent = await clients.cases.send(visitor.token, body, key=form.key)
            return see(of_referral(sent, done="send"))
        plan = await clients.cases.plan(visitor.token, body)
    except ClientProblem as problem:
        form.refuse(problem)
        return await _form(request, clients, visitor, form, person, code=problem.status)
    except Unavailable:
        form.alert = (
            "Layanan sedang tidak menjawab. Isian Anda masih di sini. "
            "Kirim lagi; tidak akan terkirim dua kali."
        )
        code = status.HTTP_503_SERVICE_UNAVAILABLE
        return await _form(request, clients, visitor, form, person, code=code)
    return await _plan(request, clients, visitor, form=form, person=person, plan=plan)


def _chosen(form: Form) -> UUID:
    try:
        return UUID(form.get("beneficiary_id"))
    except ValueError as error:
        raise ClientProblem(
            status=status.HTTP_404_NOT_FOUND, code="not-found", title="Tidak ditemukan"
        ) from error


def _start(person: Beneficiary) -> Form:
    return Form(
        {
            "beneficiary_id": [str(person.id)],
            "area": [person.area or ""],
            "category": list(person.categories[:1]),
            "urgency": [""],
        }
    )


def _body(form: Form, person: Beneficiary) -> dict[str, Any]:
    body: dict[str, Any] = {name: form.get(name) for name in _TEXTS if form.get(name)}
    attributes: dict[str, Any] = {}
    if person.birth is not None:
        attributes["age"] = person.birth.completed_years(datetime.now(WIB).date())
    if form.get("has_family") in _YES_NO:
        attributes["has_family"] = _YES_NO[form.get("has_family")]
    if form.get("legal_role"):
        attributes["legal_role"] = form.get("legal_role")
    if attributes:
        body["attributes"] = attributes
    if form.get("target.pillar"):
        body["target"] = {"pillar": form.get("target.pillar")}
    pillar, found, area = form.get("acting_as").partition("|")
    if found:
        body["acting_as"] = {"pillar": pillar, "area": area}
    return body


async def _choose(
    request: Request, visitor: Visitor, form: Form, found: list[Beneficiary] | None
) -> Response:
    return await page(request, "refer_choose.html", visitor, active="rujuk", form=form, found=found)


async def _form(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
    person: Beneficiary,
    *,
    code: int = status.HTTP_200_OK,
) -> Response:
    return await page(
        request,
        "refer.html",
        visitor,
        status=code,
        active="rujuk",
        form=form,
        person=person,
        reference=await clients.cases.reference(visitor.token),
    )


async def _plan(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    *,
    form: Form,
    person: Beneficiary,
    plan: Plan,
) -> Response:
    told = {one.worker_id for leg in plan.legs for one in leg.people}
    reference, workers = await asyncio.gather(
        clients.cases.reference(visitor.token), worker_names(clients, visitor, told)
    )
    return await page(
        request,
        "refer_plan.html",
        visitor,
        active="rujuk",
        form=form,
        person=person,
        plan=plan,
        reference=reference,
        workers=workers,
    )
