"""Perbaikan: saying something else of a person, as they may ask (UU 27/2022 art. 30)."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients.registry import (
    Beneficiary,
    Candidate,
    Corrected,
    Finding,
    candidates_of,
)
from services.portal.drafts import Drafts, KeptDrafts
from services.portal.forms import Filled, Form, try_to_send
from services.portal.pages.area_choices import choices_for
from services.portal.pages.particulars import names_in, point_in
from services.portal.pages.places import of_person, see
from services.portal.pages.register import POSSIBLE_DUPLICATE, with_names
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.ids import new_id
from shared.reference.areas import Level, at_level, label_of

router = page_router()

_VERSION_DIGITS: Final = 9
_MAY_BE_EMPTY: Final = ("address", "phone")


@router.get("/warga/{beneficiary_id}/perbaiki")
async def show(
    request: Request, visitor: SignedIn, clients: Services, beneficiary_id: UUID
) -> Response:
    """The form with what is said now."""
    person = await clients.registry.get(visitor.token, beneficiary_id)
    return await _page(request, visitor, person, _form_of(person))


@router.post("/warga/{beneficiary_id}/perbaiki")
async def correct(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
    beneficiary_id: UUID,
) -> Response:
    """Say it anew; the old words are kept nowhere, only which of them changed.

    The NIK goes first, so that nothing is changed yet when somebody else turns out to have it.
    """
    person = await clients.registry.get(visitor.token, beneficiary_id)
    form.require("name", "Tulis namanya.")
    nik, body = _nik(form, person), _changes(form, person)
    version = _version(form, person)
    stored: list[Corrected] = []
    candidates: list[Candidate] = []

    async def send() -> None:
        corrects, seen = clients.protection, version
        if nik:
            try:
                one = await corrects.correct_nik(
                    visitor.token, person.id, nik, version=seen, key=f"{form.key}-nik"
                )
            except ClientProblem as problem:
                if problem.code != POSSIBLE_DUPLICATE:
                    raise
                form.code = problem.status
                candidates.extend(await with_names(clients, visitor, candidates_of(problem)))
                return
            stored.append(one)
            seen = one.version
        if body:
            stored.append(
                await corrects.correct(visitor.token, person.id, body, version=seen, key=form.key)
            )

    if await try_to_send(form, send) and not candidates:
        warnings = [warning for one in stored for warning in one.warnings]
        return _corrected(visitor, drafts, beneficiary_id, warnings)
    if stored and form.code != status.HTTP_503_SERVICE_UNAVAILABLE:
        person = stored[0]
        _go_on_from(form, person)
    return await _page(request, visitor, person, form, candidates=candidates)


def _corrected(
    visitor: Visitor, drafts: Drafts, beneficiary_id: UUID, warnings: list[Finding]
) -> Response:
    """To the record, with what looks odd about it, which the registry says only once."""
    place = of_person(beneficiary_id)
    answer = see(f"{place}?diperbaiki=true")
    if warnings:
        kept = {"warnings": [one.model_dump() for one in warnings]}
        drafts.keep(answer, place, visitor.worker.id, kept)
    return answer


def _go_on_from(form: Form, person: Beneficiary) -> None:
    """The NIK is stored and the rest was refused: only the rest is sent again."""
    now = _form_of(person)
    stored = {name: now.values[name] for name in ("version", "nik", "nik_absent_reason")}
    form.values = {**form.values, **stored}
    form.key = str(new_id())
    form.alert = f"NIK sudah tersimpan. {form.alert}"


def _version(form: Form, person: Beneficiary) -> int:
    """The version that the worker saw; refuses a form that says none."""
    said = form.get("version", str(person.version))
    if said.isascii() and said.isdecimal() and len(said) <= _VERSION_DIGITS:
        return int(said)
    form.add(FieldError("version", "Muat ulang halaman ini, lalu isi lagi."))
    return person.version


def _nik(form: Form, person: Beneficiary) -> dict[str, Any]:
    """The NIK if one is typed, else the reason why there is none if it is another."""
    reason = form.get("nik_absent_reason")
    if nik := form.number("nik"):
        said: dict[str, Any] = {"nik": nik}
    elif reason and reason != person.nik_absent_reason:
        said = {"nik_absent_reason": reason}
    else:
        return {}
    different = form.all("different_from")
    return said | ({"different_from": different} if different else {})


def _changes(form: Form, person: Beneficiary) -> dict[str, Any]:
    """Only what differs from what is said now."""
    body: dict[str, Any] = {}
    before = _form_of(person)
    if form.get("name") != before.get("name"):
        body["name"] = form.get("name")
    for name in _MAY_BE_EMPTY:
        if form.get(name) != before.get(name):
            body[name] = form.get(name) or None
    for name in ("sex", "area"):
        if form.get(name) and form.get(name) != before.get(name):
            body[name] = form.get(name)
    if form.get("safe_contact") != before.get("safe_contact"):
        body["safe_contact"] = {"ya": True, "tidak": False}.get(form.get("safe_contact"))
    return body | _birth(form, before) | _further(form, person, before)


def _birth(form: Form, before: Form) -> dict[str, Any]:
    day, year = form.get("birth.date"), form.get("birth.year")
    if day and day != before.get("birth.date"):
        return {"birth": {"date": day}}
    if not year or year == before.get("birth.year"):
        return {}
    if year.isascii() and year.isdecimal():
        return {"birth": {"year": int(year)}}
    form.add(FieldError("birth.year", "Isi dengan angka."))
    return {}


def _further(form: Form, person: Beneficiary, before: Form) -> dict[str, Any]:
    """What only few records say; a form that does not ask for it changes none of it."""
    body: dict[str, Any] = {}
    if "aliases" in form.values:
        if (names := names_in(form)) != list(person.aliases):
            body["aliases"] = names
        if set(chosen := form.all("disabilities")) != set(person.disabilities):
            body["disabilities"] = chosen
    if "point" in form.values and form.get("point") != before.get("point"):
        body["point"] = point_in(form)
    return body


def _form_of(person: Beneficiary) -> Form:
    birth, point = person.birth, person.point
    values = {
        "version": str(person.version),
        "name": person.name,
        "nik": "",
        "nik_absent_reason": person.nik_absent_reason or "",
        "sex": person.sex or "",
        "area": person.area or "",
        "address": person.address or "",
        "phone": person.phone or "",
        "safe_contact": {True: "ya", False: "tidak"}.get(person.safe_contact, "")
        if person.safe_contact is not None
        else "",
        "birth.date": birth.date.isoformat() if birth and birth.date else "",
        "birth.year": str(birth.year) if birth and not birth.date else "",
        "aliases": ", ".join(person.aliases),
        "point": f"{point.latitude}, {point.longitude}" if point else "",
    }
    given = {name: (value,) for name, value in values.items()}
    return Form({**given, "disabilities": person.disabilities})


def _villages(visitor: Visitor, person: Beneficiary) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where the worker may say that the person lives, and where the person lives now."""
    regency = at_level(person.area, Level.REGENCY) if person.area else None
    groups = [
        (group.label, group.villages)
        for group in choices_for(visitor.worker.duties, regency or "").groups
    ]
    known = {code for _, villages in groups for code, _ in villages}
    if person.area and person.area not in known:
        groups.insert(0, ("Sekarang", [(person.area, label_of(person.area))]))
    return groups


async def _page(
    request: Request,
    visitor: Visitor,
    person: Beneficiary,
    form: Form,
    *,
    candidates: Sequence[Candidate] = (),
) -> Response:
    return await page(
        request,
        "correction.html",
        visitor,
        status=form.code,
        active="warga",
        person=person,
        form=form,
        candidates=candidates,
        villages=_villages(visitor, person),
    )
