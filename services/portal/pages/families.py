"""Anggota keluarga: who belongs to a family, and the number of its card."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.families import Changed
from services.portal.drafts import Drafts, KeptDrafts
from services.portal.forms import Filled, Form
from services.portal.pages.people import Found, search, search_again, search_of, see_search
from services.portal.pages.places import of_person, see
from services.portal.problems import ClientProblem
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.ids import new_id

router = page_router()

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
    form: Filled,
    family_id: UUID,
) -> Response:
    """Go to who was found; the name asked for never stands in an address."""
    if answer := see_search(visitor, drafts, form, _place_of(family_id, new_id())):
        return answer
    form.code = status.HTTP_422_UNPROCESSABLE_CONTENT
    return await _page(request, clients, visitor, family_id, form)


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
    place = _place_of(family_id, draft_id)
    form, found = await search_again(request, clients, visitor, drafts, place)
    return await _page(request, clients, visitor, family_id, form, found=found)


@router.post("/keluarga/{family_id}/anggota")
async def add(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
    family_id: UUID,
) -> Response:
    """Add the chosen person."""
    form.require("person_id", "Pilih orangnya.")
    form.require("relation", "Pilih hubungannya dengan kepala keluarga.")
    body = form.filled("person_id", "relation", "joined_on")
    if "joined_on" in body:
        form.require_day("joined_on")
    if not form.errors:
        try:
            done = await clients.families.add(visitor.token, family_id, body, key=form.key)
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return saved(visitor, drafts, family_id, done)
    found = await search(clients, visitor, Form(search_of(form))) if form.get("cari") else None
    return await _page(request, clients, visitor, family_id, form, found=found)


@router.post("/keluarga/{family_id}/anggota/{person_id}/keluar")
async def remove(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    family_id: UUID,
    person_id: UUID,
) -> Response:
    """The person leaves the family today."""
    try:
        await clients.families.remove(visitor.token, family_id, person_id, key=form.key)
    except ClientProblem as problem:
        form.refuse(problem)
        return await _page(request, clients, visitor, family_id, form)
    return see(f"{of_person(family_id)}?tersimpan=true")


@router.post("/keluarga/{family_id}/kk")
async def put_card(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
    family_id: UUID,
) -> Response:
    """Replace the number of the card; an empty field forgets it."""
    kk = form.number("kk") or None
    try:
        done = await clients.families.put_card(visitor.token, family_id, kk, key=form.key)
    except ClientProblem as problem:
        form.refuse(problem)
        return await _page(request, clients, visitor, family_id, form)
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


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    family_id: UUID,
    form: Form,
    *,
    found: Found | None = None,
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
        request, "members.html", visitor, status=form.code, active="warga", form=form, **context
    )


def _place_of(family_id: UUID, draft_id: UUID) -> str:
    # Not below the page of the record, which keeps something of its own in the browser.
    return f"/keluarga/{family_id}/cari/{draft_id}"
