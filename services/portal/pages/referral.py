"""One referral: what, why me, until when, what happened, who was told, what I may do."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.cases import Referral
from services.portal.clients.notifications import Delivery
from services.portal.clients.reference import Reference
from services.portal.drafts import KeptDrafts
from services.portal.forms import Filled, Form
from services.portal.pages.attachments import upload_chosen
from services.portal.pages.places import of_referral, see_referral
from services.portal.pages.verb_forms import body_of, offer_for
from services.portal.problems import ClientProblem
from services.portal.rendering import beneficiary_names, fragment, page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import NotFound, Unavailable
from shared.ids import new_id

router = page_router()

_SEE = "see"


@router.get("/rujukan/{referral_id}")
async def show(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    referral_id: UUID,
    selesai: str = "",
) -> Response:
    """The referral; opening it tells the sender that it was seen, and ends its notices."""
    referral = await clients.cases.referral(visitor.token, referral_id)
    referral, _ = await asyncio.gather(
        _seen(clients, visitor, referral), _told(clients, visitor, referral_id)
    )
    kept = drafts.find(request, of_referral(referral_id), visitor.worker.id) if selesai else None
    warnings = (kept or {}).get("warnings", ())
    return await _page(request, clients, visitor, referral, done=selesai, warnings=warnings)


@router.get("/rujukan/{referral_id}/fakta")
async def refresh_facts(
    request: Request, visitor: SignedIn, clients: Services, referral_id: UUID
) -> Response:
    """Everything but the forms, as it is now."""
    referral = await clients.cases.referral(visitor.token, referral_id)
    context = await _context(clients, visitor, referral)
    return fragment(request, "parts/facts.html", visitor=visitor, with_history=True, **context)


@router.get("/rujukan/{referral_id}/tindakan")
async def refresh_actions(
    request: Request, visitor: SignedIn, clients: Services, referral_id: UUID
) -> Response:
    """The verbs allowed now."""
    referral = await clients.cases.referral(visitor.token, referral_id)
    reference = await clients.cases.reference(visitor.token)
    context = await _actions(clients, visitor, referral, reference)
    return fragment(
        request,
        "parts/actions.html",
        visitor=visitor,
        referral=referral,
        reference=reference,
        **context,
    )


@router.post("/rujukan/{referral_id}/{verb}")
async def act(
    *,
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
    referral_id: UUID,
    verb: str,
) -> Response:
    """Do what the visitor asked, or show the referral as it is and why it could not be done."""
    reference = await clients.cases.reference(visitor.token)
    known = reference.verb(verb)
    if known is None:
        raise NotFound
    body_of(known, form)
    if not form.errors:
        try:
            await upload_chosen(request, clients, visitor, referral_id, known, form)
            if not form.errors:
                body = body_of(known, form)
                done = await clients.cases.act(visitor.token, referral_id, verb, body, key=form.key)
                return see_referral(referral_id, verb, done.warnings, visitor, drafts)
        except ClientProblem as problem:
            if problem.status in {status.HTTP_403_FORBIDDEN, status.HTTP_404_NOT_FOUND}:
                raise
            _explain(form, problem, reference)
        except Unavailable:
            form.alert = "Layanan sedang tidak menjawab. Kirim lagi; tidak akan tercatat dua kali."
            form.code = status.HTTP_503_SERVICE_UNAVAILABLE
    referral = await clients.cases.referral(visitor.token, referral_id)
    return await _page(request, clients, visitor, referral, form=form, tried=verb)


async def _seen(clients: Clients, visitor: Visitor, referral: Referral) -> Referral:
    if _SEE not in referral.allowed:
        return referral
    try:
        return await clients.cases.act(visitor.token, referral.id, _SEE, {}, key=str(new_id()))
    except (ClientProblem, Unavailable):
        # A colleague was first, or word will go out at the next opening: the page shows anyway.
        return referral


async def _told(clients: Clients, visitor: Visitor, referral_id: UUID) -> None:
    # If they stay unread, that is no reason to keep the worker from the referral.
    with suppress(ClientProblem, Unavailable):
        await clients.notifications.mark_referral_read(visitor.token, referral_id)


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    referral: Referral,
    *,
    form: Form | None = None,
    tried: str = "",
    done: str = "",
    warnings: Sequence[str] = (),
) -> Response:
    form = form or Form()
    context = await _context(clients, visitor, referral)
    reference: Reference = context["reference"]
    actions = await _actions(clients, visitor, referral, reference, form=form, tried=tried)
    return await page(
        request,
        "referral.html",
        visitor,
        status=form.code,
        active="tugas",
        done=reference.verb(done),
        warnings=warnings,
        **(context | actions),
    )


async def _context(clients: Clients, visitor: Visitor, referral: Referral) -> dict[str, Any]:
    beneficiaries = {referral.beneficiary_id} if referral.beneficiary_id else set()
    reference, persons, deliveries = await asyncio.gather(
        clients.cases.reference(visitor.token),
        beneficiary_names(clients, visitor, beneficiaries),
        _deliveries(clients, visitor, referral.id),
    )
    named = referral.people() | {one.recipient_id for one in deliveries or ()}
    return {
        "referral": referral,
        "reference": reference,
        "persons": persons,
        "deliveries": deliveries,
        "workers": await worker_names(clients, visitor, named),
    }


async def _deliveries(
    clients: Clients, visitor: Visitor, referral_id: UUID
) -> list[Delivery] | None:
    """The ledger; None for those it is not meant for, and while it cannot be read."""
    try:
        return await clients.notifications.deliveries(visitor.token, referral_id)
    except (ClientProblem, Unavailable):
        return None


async def _actions(
    clients: Clients,
    visitor: Visitor,
    referral: Referral,
    reference: Reference,
    *,
    form: Form | None = None,
    tried: str = "",
) -> dict[str, Any]:
    verbs = [
        verb
        for verb in (reference.verb(code) for code in referral.allowed if code != _SEE)
        if verb is not None
    ]
    return {
        "verbs": verbs,
        "offer": await offer_for(clients, visitor, referral, verbs),
        "form": form or Form(),
        "tried": tried,
    }


def _explain(form: Form, problem: ClientProblem, reference: Reference) -> None:
    form.refuse(problem)
    holder = problem.extra.get("holder")
    if problem.code == "already-accepted" and isinstance(holder, dict) and holder.get("name"):
        pillar = reference.label("pillars", holder.get("pillar"))
        form.alert = f"Sudah diambil oleh {holder['name']} ({pillar})."
    elif problem.code == "transition-not-allowed":
        form.alert = "Keadaan rujukan ini sudah berubah. Ini keadaan terbarunya."
