"""Kasus: its legs, its phase, its end. Buka darurat: reading what is closed to the visitor."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.forms import Filled, Form
from services.portal.pages.places import see
from services.portal.problems import ClientProblem
from services.portal.rendering import beneficiary_names, page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import NotFound

router = page_router()

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "close": ("reason", "note"),
    "reopen": ("reason",),
    "phase": ("phase", "note"),
}
"""What can be done with a case, and what each form says."""


@router.get("/kasus/{case_id}")
async def show(
    request: Request, visitor: SignedIn, clients: Services, case_id: UUID, selesai: str = ""
) -> Response:
    """The case with its referrals."""
    return await _page(request, clients, visitor, case_id, Form(), done=bool(selesai))


@router.post("/kasus/{case_id}/{verb}")
async def act(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
    case_id: UUID,
    verb: str,
) -> Response:
    """Do it, or show the case as it is and why it could not be done."""
    if verb not in FIELDS:
        raise NotFound
    body = form.filled(*FIELDS[verb])
    try:
        await clients.case_files.act(visitor.token, case_id, verb, body, key=form.key)
    except ClientProblem as problem:
        if problem.status == status.HTTP_404_NOT_FOUND:
            raise
        form.refuse(problem)
        return await _page(request, clients, visitor, case_id, form, tried=verb)
    return see(f"/kasus/{case_id}?selesai=1")


@router.get("/darurat")
async def show_glass(request: Request, visitor: SignedIn) -> Response:
    """The form for an emergency."""
    return await page(request, "glass.html", visitor, form=Form())


@router.post("/darurat")
async def break_glass(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """Open the case's first referral for three hours, or say why not."""
    form.require("case_number", "Tulis nomor kasusnya.")
    form.require("reason", "Tulis mengapa tidak dapat menunggu.")
    if not form.alert:
        try:
            opened = await clients.case_files.break_glass(
                visitor.token, form.get("case_number"), form.get("reason"), key=form.key
            )
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return see(f"/rujukan/{opened.referral_ids[0]}")
    return await page(request, "glass.html", visitor, status=form.code, form=form)


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    case_id: UUID,
    form: Form,
    *,
    tried: str = "",
    done: bool = False,
) -> Response:
    case = await clients.case_files.one(visitor.token, case_id)
    reference, workers, persons = await asyncio.gather(
        clients.cases.reference(visitor.token),
        worker_names(clients, visitor, case.people()),
        beneficiary_names(clients, visitor, {case.beneficiary_id}),
    )
    context: dict[str, Any] = {
        "case": case,
        "work": case.legs,
        "more": None,
        "sent": True,
        "reference": reference,
        "workers": workers,
        "persons": persons,
        "form": form,
        "tried": tried,
        "done": done,
    }
    return await page(request, "case.html", visitor, status=form.code, **context)
