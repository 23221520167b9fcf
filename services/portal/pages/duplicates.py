"""Data ganda: records that may be one person are compared, merged, parted or told apart."""

import asyncio
from typing import Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.registry import Beneficiary, Candidate
from services.portal.forms import Filled, Form
from services.portal.navigation import may_do
from services.portal.pages.places import of_duplicates, of_person, see
from services.portal.pages.register import with_names
from services.portal.problems import ClientProblem
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import NotFound
from shared.policy import Action

router = page_router("/warga/{beneficiary_id}")

TOLD_APART: Final = "Dicatat: bukan orang yang sama. Pasangan ini tidak akan ditanyakan lagi."


@router.get("/ganda")
async def show_alike(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    beneficiary_id: UUID,
    beda: bool = False,
) -> Response:
    """Who may be the same as this person."""
    return await _alike(request, clients, visitor, beneficiary_id, Form(), done=beda)


@router.post("/beda")
async def say_different(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    beneficiary_id: UUID,
) -> Response:
    """Say that somebody who looks alike is somebody else."""
    other = _id_in(form, "other")
    try:
        await clients.duplicates.different(visitor.token, beneficiary_id, other, key=form.key)
    except ClientProblem as problem:
        if problem.status == status.HTTP_404_NOT_FOUND:
            raise
        form.refuse(problem)
        return await _alike(request, clients, visitor, beneficiary_id, form)
    return see(f"{of_duplicates(beneficiary_id)}?beda=true")


@router.get("/gabung/{other_id}")
async def compare(
    request: Request, visitor: SignedIn, clients: Services, beneficiary_id: UUID, other_id: UUID
) -> Response:
    """Both records side by side, and what a merge would do."""
    return await _pair(request, clients, visitor, beneficiary_id, other_id, Form())


@router.post("/gabung/{other_id}")
async def merge(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    beneficiary_id: UUID,
    other_id: UUID,
) -> Response:
    """Let the other record go on as this one."""
    try:
        await clients.duplicates.merge(visitor.token, other_id, beneficiary_id, key=form.key)
    except ClientProblem as problem:
        if problem.status == status.HTTP_404_NOT_FOUND:
            raise
        form.refuse(problem)
        return await _pair(request, clients, visitor, beneficiary_id, other_id, form)
    return see(f"{of_person(beneficiary_id)}?selesai=gabung")


@router.post("/pisah")
async def unmerge(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    beneficiary_id: UUID,
) -> Response:
    """Take a merge back; the page of this person says so."""
    merged = _id_in(form, "merged")
    try:
        await clients.duplicates.unmerge(visitor.token, merged, key=form.key)
    except ClientProblem as problem:
        if problem.status == status.HTTP_404_NOT_FOUND:
            raise
        form.refuse(problem)
        return await _alike(request, clients, visitor, beneficiary_id, form)
    return see(f"{of_person(beneficiary_id)}?selesai=pisah")


def _id_in(form: Form, name: str) -> UUID:
    found = form.id_in(name)
    if found is None:
        raise NotFound
    return found


async def _alike(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    beneficiary_id: UUID,
    form: Form,
    *,
    done: bool = False,
) -> Response:
    person, found = await asyncio.gather(
        clients.registry.get(visitor.token, beneficiary_id),
        clients.duplicates.of(visitor.token, beneficiary_id),
    )
    candidates: list[Candidate] = await with_names(clients, visitor, found)
    return await page(
        request,
        "duplicates.html",
        visitor,
        status=form.code,
        active="warga",
        person=person,
        candidates=candidates,
        form=form,
        done=TOLD_APART if done else None,
        merges=may_do(visitor.worker, Action.BENEFICIARY_MERGE),
        changes=may_do(visitor.worker, Action.BENEFICIARY_CHANGE),
    )


async def _pair(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    beneficiary_id: UUID,
    other_id: UUID,
    form: Form,
) -> Response:
    person, other, reference = await asyncio.gather(
        clients.registry.get(visitor.token, beneficiary_id),
        clients.registry.get(visitor.token, other_id),
        clients.cases.reference(visitor.token),
    )
    return await page(
        request,
        "merge.html",
        visitor,
        status=form.code,
        active="warga",
        person=person,
        other=other,
        same=_same(person, other),
        form=form,
        reference=reference,
        merges=may_do(visitor.worker, Action.BENEFICIARY_MERGE),
    )


def _same(one: Beneficiary, other: Beneficiary) -> frozenset[str]:
    """What both records say alike."""
    fields = ("name", "sex", "birth", "nik", "area", "address", "phone", "categories")
    return frozenset(name for name in fields if getattr(one, name) == getattr(other, name))
