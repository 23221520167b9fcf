"""Kategori: what a record is in need of, since when, on what evidence, and until when."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.drafts import KeptDrafts
from services.portal.forms import Filled, Form
from services.portal.pages.families import saved
from services.portal.problems import ClientProblem
from services.portal.rendering import page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import NotFound

router = page_router()

VERBS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "verifikasi": ("verify", ("evidence",)),
    "akhiri": ("end", ("reason", "until")),
}
"""What can be done with a category that holds, as the address calls it, and what the form says."""


@router.get("/warga/{beneficiary_id}/kategori")
async def show(
    request: Request, visitor: SignedIn, clients: Services, beneficiary_id: UUID
) -> Response:
    """The categories of a record, and the forms to change them."""
    return await _page(request, clients, visitor, beneficiary_id, Form())


@router.post("/warga/{beneficiary_id}/kategori")
async def give(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
    beneficiary_id: UUID,
) -> Response:
    """Give a category."""
    form.require("code", "Pilih kategorinya.")
    body = form.filled("code", "evidence", "since")
    if "since" in body:
        form.require_day("since")
    if not form.errors:
        try:
            done = await clients.families.give(visitor.token, beneficiary_id, body, key=form.key)
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return saved(visitor, drafts, beneficiary_id, done, gives=True)
    return await _page(request, clients, visitor, beneficiary_id, form)


@router.post("/warga/{beneficiary_id}/kategori/{code}/{verb}")
async def say(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
    beneficiary_id: UUID,
    code: str,
    verb: str,
) -> Response:
    """Verify a category or end it."""
    reference = await clients.cases.reference(visitor.token)
    if verb not in VERBS or code not in {one.code for one in reference.categories}:
        raise NotFound
    called, fields = VERBS[verb]
    body = form.filled(*fields)
    if "until" in body:
        form.require_day("until")
    if not form.errors:
        try:
            done = await clients.families.say_of_category(
                visitor.token, beneficiary_id, code, called, body, key=form.key
            )
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return saved(visitor, drafts, beneficiary_id, done)
    tried = f"{code}-{verb}"
    return await _page(request, clients, visitor, beneficiary_id, form, tried=tried)


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    beneficiary_id: UUID,
    form: Form,
    *,
    tried: str = "",
) -> Response:
    person = await clients.registry.get(visitor.token, beneficiary_id)
    periods = await clients.families.periods(visitor.token, beneficiary_id)
    people = {one for period in periods for one in period.people}
    held = {period.code for period in periods if period.ended_at is None}
    reference = await clients.cases.reference(visitor.token)
    return await page(
        request,
        "categories.html",
        visitor,
        status=form.code,
        active="warga",
        form=form,
        tried=tried,
        person=person,
        periods=periods,
        reference=reference,
        open_to_give=[one for one in reference.categories if one.valid and one.code not in held],
        workers=await worker_names(clients, visitor, people),
    )
