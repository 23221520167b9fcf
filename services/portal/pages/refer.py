"""Rujuk: choose who, say what is needed, see who would be told and why, then send."""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.registry import Beneficiary
from services.portal.drafts import Drafts, KeptDrafts
from services.portal.formats import WIB
from services.portal.forms import Filled, Form, form_of
from services.portal.pages.people import GONE, Found, search, search_again, see_search
from services.portal.pages.places import of_person, see, see_referral
from services.portal.pages.verb_forms import Options
from services.portal.presentation import outside_kind
from services.portal.problems import ClientProblem
from services.portal.rendering import page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable
from shared.ids import new_id
from shared.reference.areas import parents

router = page_router()

_SEARCH: Final = "cari"
_SEND: Final = "kirim"
_EDIT: Final = "ubah"
_TEXTS: Final = (
    "beneficiary_id",
    "case_id",
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
    request: Request,
    visitor: SignedIn,
    clients: Services,
    warga: UUID | None = None,
    kasus: UUID | None = None,
) -> Response:
    """Choose who first; with somebody chosen, the form, perhaps within a case that is there."""
    if warga is None:
        return await _choose(request, visitor, Form(), None)
    person = await clients.registry.get(visitor.token, warga)
    if person.restricted_at is not None:
        return see(of_person(person.id))
    return await _form(request, clients, visitor, _start(person, kasus), person)


@router.post("/rujuk")
async def refer(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
) -> Response:
    """Search, plan, change or send, by the button pressed."""
    step = form.get("_step")
    if step == _SEARCH:
        if answer := see_search(visitor, drafts, form, _place_of_search(new_id())):
            return answer
        return await _choose(request, visitor, form, await search(clients, visitor, form))
    person = await clients.registry.get(visitor.token, _chosen(form))
    if person.restricted_at is not None:
        # It was restricted meanwhile; its page says what a referral takes now.
        return see(of_person(person.id))
    if step == _EDIT:
        place = _place_of(new_id())
        answer = see(f"{place}/ubah")
        if drafts.keep(answer, place, visitor.worker.id, form.values):
            return answer
        return await _form(request, clients, visitor, form, person)
    form.require("category", "Pilih kategori.")
    form.require("situation", "Pilih keadaan.")
    form.require("need", "Tulis apa yang dibutuhkan.")
    form.require("legal_basis", "Pilih dasar perujukan.")
    if form.errors:
        return await _form(request, clients, visitor, form, person)
    if step == _SEND:
        return await _send(request, clients, visitor, form, person, drafts)
    place = _place_of(new_id())
    answer = see(place)
    if drafts.keep(answer, place, visitor.worker.id, form.values):
        return answer
    return await _plan(request, clients, visitor, form, person)


@router.get("/rujuk/cari/{draft_id}")
async def show_found(
    request: Request, visitor: SignedIn, clients: Services, drafts: KeptDrafts, draft_id: UUID
) -> Response:
    """Who was found, as they are now."""
    place = _place_of_search(draft_id)
    form, found = await search_again(request, clients, visitor, drafts, place)
    return await _choose(request, visitor, form, found)


@router.get("/rujuk/{draft_id}")
async def show_plan(
    request: Request, visitor: SignedIn, clients: Services, drafts: KeptDrafts, draft_id: UUID
) -> Response:
    """What sending the form would do now: whom it would reach, until when, and why."""
    form = _kept(request, visitor, drafts, draft_id)
    if form is None:
        return await _choose(request, visitor, Form(alert=GONE), None)
    person = await clients.registry.get(visitor.token, _chosen(form))
    return await _plan(request, clients, visitor, form, person)


@router.get("/rujuk/{draft_id}/ubah")
async def change(
    request: Request, visitor: SignedIn, clients: Services, drafts: KeptDrafts, draft_id: UUID
) -> Response:
    """The form again, as it was filled in."""
    form = _kept(request, visitor, drafts, draft_id)
    if form is None:
        return await _choose(request, visitor, Form(alert=GONE), None)
    person = await clients.registry.get(visitor.token, _chosen(form))
    return await _form(request, clients, visitor, form, person)


async def _send(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
    person: Beneficiary,
    drafts: Drafts,
) -> Response:
    try:
        sent = await clients.cases.send(visitor.token, _body(form, person), key=form.key)
    except (ClientProblem, Unavailable) as error:
        return await _refused(request, clients, visitor, form, person, error)
    return see_referral(sent.referrals[0].id, "send", sent.warnings, visitor, drafts)


async def _plan(
    request: Request, clients: Clients, visitor: Visitor, form: Form, person: Beneficiary
) -> Response:
    try:
        plan = await clients.cases.plan(visitor.token, _body(form, person))
    except (ClientProblem, Unavailable) as error:
        return await _refused(request, clients, visitor, form, person, error)
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


async def _refused(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
    person: Beneficiary,
    error: ClientProblem | Unavailable,
) -> Response:
    """The form as it was filled in, and why it went no further."""
    if isinstance(error, ClientProblem):
        form.refuse(error)
    else:
        form.code = status.HTTP_503_SERVICE_UNAVAILABLE
        form.alert = (
            "Layanan sedang tidak menjawab. Isian Anda masih di sini. "
            "Kirim lagi; tidak akan terkirim dua kali."
        )
    return await _form(request, clients, visitor, form, person)


def _place_of(draft_id: UUID) -> str:
    return f"/rujuk/{draft_id}"


def _place_of_search(draft_id: UUID) -> str:
    return f"/rujuk/cari/{draft_id}"


def _kept(request: Request, visitor: Visitor, drafts: Drafts, draft_id: UUID) -> Form | None:
    kept = drafts.find(request, _place_of(draft_id), visitor.worker.id)
    return form_of(kept) if kept else None


def _chosen(form: Form) -> UUID:
    found = form.id_in("beneficiary_id")
    if found is None:
        raise ClientProblem(
            status=status.HTTP_404_NOT_FOUND, code="not-found", title="Tidak ditemukan"
        )
    return found


def _start(person: Beneficiary, case_id: UUID | None) -> Form:
    return Form(
        {
            "beneficiary_id": [str(person.id)],
            "case_id": [str(case_id or "")],
            "area": [person.area or ""],
            "category": list(person.categories[:1]),
            "urgency": [""],
        }
    )


def _body(form: Form, person: Beneficiary) -> dict[str, Any]:
    body = form.filled(*_TEXTS)
    attributes: dict[str, Any] = {}
    if person.birth is not None:
        attributes["age"] = person.birth.completed_years(datetime.now(WIB).date())
    if form.get("has_family") in _YES_NO:
        attributes["has_family"] = _YES_NO[form.get("has_family")]
    if form.get("attributes.guardian_is_suspect") in _YES_NO:
        attributes["guardian_is_suspect"] = _YES_NO[form.get("attributes.guardian_is_suspect")]
    if form.get("attributes.consent_by"):
        attributes["consent_by"] = form.get("attributes.consent_by")
    if form.get("legal_role"):
        attributes["legal_role"] = form.get("legal_role")
    if attributes:
        body["attributes"] = attributes
    if form.get("target.service"):
        body["target"] = {"service": form.get("target.service")}
    else:
        parts = ("pillar", "worker_id")
        target = {part: form.get(f"target.{part}") for part in parts if form.get(f"target.{part}")}
        if target:
            body["target"] = target
    wanted = (one.partition("|") for one in form.all("legs") if one)
    legs = [{"pillar": pillar, "after_primary": when == "after"} for pillar, _, when in wanted]
    if legs and form.get("_step") == _SEND:
        body["legs"] = legs
    pillar, found, area = form.get("acting_as").partition("|")
    if found:
        body["acting_as"] = {"pillar": pillar, "area": area}
    return body


async def _choose(request: Request, visitor: Visitor, form: Form, found: Found | None) -> Response:
    return await page(request, "refer_choose.html", visitor, active="rujuk", form=form, found=found)


async def _form(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
    person: Beneficiary,
) -> Response:
    return await page(
        request,
        "refer.html",
        visitor,
        status=form.code,
        active="rujuk",
        form=form,
        person=person,
        reference=await clients.cases.reference(visitor.token),
        outside=await _outside(clients, visitor, form.get("area") or person.area or ""),
    )


async def _outside(clients: Clients, visitor: Visitor, area: str) -> list[tuple[str, Options]]:
    """The outside services that work in the area by kind; none while they cannot be asked."""
    try:
        found = await clients.cases.outside_services(visitor.token, area) if area else []
    except (ClientProblem, Unavailable):
        return []
    kinds: dict[str, Options] = {}
    for one in found:
        if one.area in parents(area):
            kinds.setdefault(outside_kind(one.kind), []).append((str(one.id), one.name))
    return sorted(kinds.items())
