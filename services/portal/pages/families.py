"""Anggota keluarga: who belongs to a family, and the number of its card."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.families import Changed
from services.portal.drafts import Drafts, KeptDrafts
from services.portal.forms import Form, submitted
from services.portal.pages.people import GONE, Found, is_searchable, search, search_of
from services.portal.pages.places import of_person, see
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import page
from services.portal.sessions import Services, SignedIn, Visitor
from shared.ids import new_id

router = APIRouter()

_PERSON: Final = "person"


@router.get("/keluarga/{family_id}")
async def show(request: Request, visitor: SignedIn, clients: Services, family_id: UUID) -> Response:
    """The members, and a search for who may become one."""
    return await _page(request, clients, visitor, family_id, Form())


@router.post("/keluarga/{family_id}/cari")
async def find(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Annotated[Form, Depends(submitted)],
    family_id: UUID,
) -> Response:
    """Go to who was found; the name asked for never stands in an address."""
    place = _place_of(family_id, new_id())
    answer = see(place)
    if is_searchable(form) and drafts.keep(answer, place, visitor.worker.id, search_of(form)):
        return answer
    code = status.HTTP_422_UNPROCESSABLE_CONTENT
    return await _page(request, clients, visitor, family_id, form, code=code)


@router.get("/keluarga/{family_id}/cari/{draft_id}")
async def show_found(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    family_id: UUID,
    draft_id: UUID,
) -> Response:
    """The members, and who was found to become one."""
    kept = drafts.find(request, _place_of(family_id, draft_id), visitor.worker.id)
    form = Form(kept or {}, alert=None if kept else GONE)
    found = await search(clients, visitor, form) if kept else None
    return await _page(request, clients, visitor, family_id, form, found=found)


@router.post("/keluarga/{family_id}/anggota")
async def add(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Annotated[Form, Depends(submitted)],
    family_id: UUID,
) -> Response:
    """Add the chosen person."""
    form.require("person_id", "Pilih orangnya.")
    form.require("relation", "Pilih hubungannya dengan kepala keluarga.")
    body = {name: form.get(name) for name in ("person_id", "relation") if form.get(name)}
    if day := form.get("joined_on"):
        body["joined_on"] = day
        _require_day(form, "joined_on")
    code = status.HTTP_422_UNPROCESSABLE_CONTENT
    if not form.errors:
        try:
            done = await clients.families.add(visitor.token, family_id, body, key=form.key)
        except ClientProblem as problem:
            form.refuse(problem)
            code = problem.status
        else:
            return saved(visitor, drafts, family_id, done)
    found = await search(clients, visitor, Form(search_of(form))) if form.get("cari") else None
    return await _page(request, clients, visitor, family_id, form, found=found, code=code)


@router.post("/keluarga/{family_id}/anggota/{person_id}/keluar")
async def remove(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Annotated[Form, Depends(submitted)],
    family_id: UUID,
    person_id: UUID,
) -> Response:
    """The person leaves the family today."""
    try:
        await clients.families.remove(visitor.token, family_id, person_id, key=form.key)
    except ClientProblem as problem:
        form.refuse(problem)
        return await _page(request, clients, visitor, family_id, form, code=problem.status)
    return see(f"{of_person(family_id)}?tersimpan=true")


@router.post("/keluarga/{family_id}/kk")
async def put_card(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Annotated[Form, Depends(submitted)],
    family_id: UUID,
) -> Response:
    """Replace the number of the card; an empty field forgets it."""
    kk = form.get("kk").replace(" ", "") or None
    try:
        done = await clients.families.put_card(visitor.token, family_id, kk, key=form.key)
    except ClientProblem as problem:
        form.refuse(problem)
        return await _page(request, clients, visitor, family_id, form, code=problem.status)
    return saved(visitor, drafts, family_id, done)


def saved(
    visitor: Visitor, drafts: Drafts, beneficiary_id: UUID, done: Changed, *, gives: bool = False
) -> Response:
    """To the record, with what looks odd about it, which the registry says only once.

    `gives`: a category was given, which may take the record out of the visitor's sight.
    """
    place = of_person(beneficiary_id)
    answer = see(f"{place}?tersimpan=true")
    warnings = [one.model_dump() for one in done.warnings]
    drafts.keep(answer, place, visitor.worker.id, {"warnings": warnings, "gives": gives})
    return answer


def _require_day(form: Form, name: str) -> None:
    try:
        date.fromisoformat(form.get(name))
    except ValueError:
        form.add(FieldError(name, "Tanggal belum sesuai."))


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    family_id: UUID,
    form: Form,
    *,
    found: Found | None = None,
    code: int = status.HTTP_200_OK,
) -> Response:
    family = await clients.registry.get(visitor.token, family_id)
    members = await clients.families.members(visitor.token, family_id)
    now_in = {one.id for one in members if one.left_on is None}
    fit = [
        one
        for one in (found.items if found else ())
        if one.kind in {None, _PERSON} and one.id not in now_in
    ]
    context: dict[str, Any] = {"family": family, "members": members, "found": found, "fit": fit}
    return await page(
        request, "members.html", visitor, status=code, active="warga", form=form, **context
    )


def _place_of(family_id: UUID, draft_id: UUID) -> str:
    # Not below the page of the record, which keeps something of its own in the browser.
    return f"/keluarga/{family_id}/cari/{draft_id}"
