"""Perbaikan: saying something else of a person, as they may ask (UU 27/2022 art. 30)."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.portal.clients.registry import Beneficiary
from services.portal.forms import Filled, Form, try_to_send
from services.portal.pages.places import of_person, see
from services.portal.problems import FieldError
from services.portal.rendering import page
from services.portal.sessions import Services, SignedIn, Visitor

router = APIRouter()

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
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    beneficiary_id: UUID,
) -> Response:
    """Say it anew; the old words are kept nowhere, only which of them changed."""
    person = await clients.registry.get(visitor.token, beneficiary_id)
    form.require("name", "Tulis namanya.")
    body = _changes(form, person)

    async def send() -> None:
        if body:
            version = int(form.get("version") or person.version)
            await clients.protection.correct(
                visitor.token, person.id, body, version=version, key=form.key
            )

    if await try_to_send(form, send):
        return see(of_person(beneficiary_id) + "?diperbaiki=true")
    return await _page(request, visitor, person, form)


def _changes(form: Form, person: Beneficiary) -> dict[str, Any]:
    """Only what differs from what is said now."""
    body: dict[str, Any] = {}
    before = _form_of(person)
    if form.get("name") != before.get("name"):
        body["name"] = form.get("name")
    for name in _MAY_BE_EMPTY:
        if form.get(name) != before.get(name):
            body[name] = form.get(name) or None
    if form.get("sex") and form.get("sex") != before.get("sex"):
        body["sex"] = form.get("sex")
    if form.get("safe_contact") != before.get("safe_contact"):
        body["safe_contact"] = {"ya": True, "tidak": False}.get(form.get("safe_contact"))
    if form.get("birth.date") != before.get("birth.date") and form.get("birth.date"):
        body["birth"] = {"date": form.get("birth.date")}
    elif form.get("birth.year") != before.get("birth.year") and form.get("birth.year"):
        if form.get("birth.year").isdecimal():
            body["birth"] = {"year": int(form.get("birth.year"))}
        else:
            form.add(FieldError("birth.year", "Isi dengan angka."))
    return body


def _form_of(person: Beneficiary) -> Form:
    birth = person.birth
    values = {
        "version": str(person.version),
        "name": person.name,
        "sex": person.sex or "",
        "address": person.address or "",
        "phone": person.phone or "",
        "safe_contact": {True: "ya", False: "tidak"}.get(person.safe_contact, "")
        if person.safe_contact is not None
        else "",
        "birth.date": birth.date.isoformat() if birth and birth.date else "",
        "birth.year": str(birth.year) if birth and not birth.date else "",
    }
    return Form({name: (value,) for name, value in values.items()})


async def _page(request: Request, visitor: Visitor, person: Beneficiary, form: Form) -> Response:
    return await page(
        request,
        "correction.html",
        visitor,
        status=form.code,
        active="warga",
        person=person,
        form=form,
    )
