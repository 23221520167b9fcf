"""Daftar: registering somebody who needs help."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.registry import Beneficiary, Candidate, Registered, candidates_of
from services.portal.clients.reports import Said
from services.portal.drafts import Drafts, KeptDrafts
from services.portal.forms import Filled, Form
from services.portal.pages.area_choices import choices_for
from services.portal.pages.particulars import birth_in, names_in, point_in
from services.portal.pages.people import SHORTEST_NAME
from services.portal.pages.places import of_person, of_report, see
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import fragment, page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable
from shared.reference.areas import Level, at_level

router = page_router()

CONSENT_TEXT: Final = (
    "Saya setuju data saya dicatat, dan dibagikan kepada petugas sosial yang perlu tahu, "
    "agar saya mendapat bantuan. Saya boleh menarik persetujuan ini kapan saja."
)
CONSENT_VERSION: Final = "persetujuan-1"
_TEXTS: Final = ("kind", "name", "area", "legal_basis", "address", "phone")
_PERSON_TEXTS: Final = ("sex", "nik", "nik_absent_reason")
_COMPARED: Final = ("kind", "name", "sex", "birth", "area", "phone", "nik", "kk")
_PERSON: Final = "person"
_FAMILY: Final = "family"
_COUNTED: Final = frozenset({"group", "community"})
_CONSENT: Final = "consent"
POSSIBLE_DUPLICATE: Final = "possible-duplicate"
REPORT: Final = "laporan"
"""The field that names the report by another system for which somebody is registered."""


@router.get("/daftar")
async def show(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    wilayah: str = "",
    laporan: UUID | None = None,
) -> Response:
    """An empty form, or one with what a report by another system says."""
    form = Form({"kind": ["person"], "wilayah": [wilayah]})
    if laporan is not None:
        report = await clients.reports.get(visitor.token, laporan)
        if report.said is None:
            return see(of_report(laporan))
        form = reported(laporan, report.said, regency=wilayah)
    return await _page(request, clients, visitor, form)


@router.post("/daftar")
async def register(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
) -> Response:
    """Register once; a possible duplicate is shown first and asks to be confirmed."""
    form.require("name", "Isi nama.")
    form.require("area", "Pilih desa atau kelurahan.")
    form.require("categories", "Pilih paling sedikit satu kategori.")
    form.require("legal_basis", "Pilih dasar pencatatan.")
    if form.get("kind") == _PERSON and not form.get("nik"):
        form.require("nik_absent_reason", "Isi NIK, atau pilih alasan NIK kosong.")
    body = _body(form)
    if form.errors:
        return await _page(request, clients, visitor, form)
    candidates: list[Candidate] = []
    try:
        made = await _send(clients, visitor, form, body)
    except ClientProblem as problem:
        if problem.code == POSSIBLE_DUPLICATE:
            form.code = problem.status
            candidates = await with_names(clients, visitor, candidates_of(problem))
        else:
            form.refuse(problem)
    except Unavailable:
        form.code = status.HTTP_503_SERVICE_UNAVAILABLE
        form.alert = (
            "Layanan sedang tidak menjawab. Isian Anda masih di sini. "
            "Kirim lagi; tidak akan tercatat dua kali."
        )
    else:
        return _made(visitor, drafts, made)
    return await _page(request, clients, visitor, form, candidates=candidates)


async def _send(
    clients: Clients, visitor: Visitor, form: Form, body: Mapping[str, Any]
) -> Registered:
    if report := form.id_in(REPORT):
        return await clients.reports.register(visitor.token, report, body, key=form.key)
    return await clients.registry.register(visitor.token, body, key=form.key)


def reported(report_id: UUID, said: Said, *, regency: str) -> Form:
    """The form with what a report says, and the villages of its regency or of the one chosen."""
    plain = ("kind", "name", "area", "sex", "nik", "kk", "address", "phone")
    texts = {name: value for name in plain if (value := getattr(said, name))}
    texts |= {
        f"birth.{name}": str(value)
        for name, value in (said.birth or {}).items()
        if value is not None
    }
    texts |= {
        REPORT: str(report_id),
        "wilayah": regency or at_level(said.area, Level.REGENCY) or "",
    }
    return Form({"categories": said.categories, **{name: (text,) for name, text in texts.items()}})


@router.post("/daftar/serupa")
async def show_alike(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """Who looks like the person on the form so far; nothing as long as that cannot be said."""
    candidates: list[Candidate] = []
    body = _body(form)
    if len(form.get("name")) >= SHORTEST_NAME and form.get("area"):
        asked: dict[str, Any] = {name: body[name] for name in _COMPARED if name in body}
        try:
            found = await clients.registry.alike(visitor.token, asked)
            candidates = await with_names(clients, visitor, found)
        except (ClientProblem, Unavailable):
            # Sending looks again, and says then what is wrong with the form.
            candidates = []
    return fragment(request, "parts/alike.html", form=form, candidates=candidates)


def _made(visitor: Visitor, drafts: Drafts, made: Registered) -> Response:
    """To the new record, with what looks odd about it, which the registry says only once."""
    place = of_person(made.id)
    answer = see(f"{place}?baru=true")
    if made.warnings:
        warnings = [one.model_dump() for one in made.warnings]
        drafts.keep(answer, place, visitor.worker.id, {"warnings": warnings})
    return answer


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    form: Form,
    *,
    candidates: list[Candidate] | None = None,
) -> Response:
    return await page(
        request,
        "register.html",
        visitor,
        status=form.code,
        active="daftar",
        form=form,
        candidates=candidates or [],
        consent_text=CONSENT_TEXT,
        areas=choices_for(visitor.worker.duties, form.get("wilayah")),
        reference=await clients.cases.reference(visitor.token),
    )


def _body(form: Form) -> dict[str, Any]:
    """What the registry takes; refuses the form where a birth date or year cannot be read."""
    body = form.filled(*_TEXTS)
    if form.get("kind") == _PERSON:
        body |= _of_a_person(form)
    body |= _further(form)
    if body.get("phone"):
        body["safe_contact"] = bool(form.get("safe_contact"))
    body["categories"] = form.all("categories")
    if form.get("legal_basis") == _CONSENT and form.get("consent.channel"):
        channel = form.get("consent.channel")
        body["consent"] = {"text_version": CONSENT_VERSION, "channel": channel}
    if different := form.all("different_from"):
        body["different_from"] = different
    return body


def _further(form: Form) -> dict[str, Any]:
    """What only few records say; refuses the form where a number cannot be read."""
    said: dict[str, Any] = {}
    kind = form.get("kind")
    if kind == _FAMILY and (kk := form.number("kk")):
        said["kk"] = kk
    if kind in _COUNTED and (size := form.get("size")):
        if size.isascii() and size.isdigit():
            said["size"] = int(size)
        else:
            form.add(FieldError("size", "Tulis dengan angka."))
    if kind == _PERSON:
        several = {
            "aliases": names_in(form),
            "disabilities": form.all("disabilities"),
        }
        said |= {name: values for name, values in several.items() if values}
    if point := point_in(form):
        said["point"] = point
    return said


def _of_a_person(form: Form) -> dict[str, Any]:
    """What only a person has."""
    said = form.filled(*_PERSON_TEXTS)
    if "nik" in said:
        said["nik"] = form.number("nik")
        said.pop("nik_absent_reason", None)
    birth = birth_in(form)
    return said | ({"birth": birth} if birth else {})


async def with_names(
    clients: Clients, visitor: Visitor, candidates: list[Candidate]
) -> list[Candidate]:
    """The candidates with their names, where the worker may know them."""
    missing = {one.id for one in candidates if one.name is None}
    try:
        found = await clients.registry.named(visitor.token, missing)
    except (ClientProblem, Unavailable):
        return candidates
    return [_with_name(one, found.get(one.id)) for one in candidates]


def _with_name(candidate: Candidate, record: Beneficiary | None) -> Candidate:
    if record is None:
        return candidate
    return candidate.model_copy(update={"name": record.name, "area": record.area})
