"""Aturan rujukan: what the rules say, and changing one after trying it on what has been."""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.reference import Reference
from services.portal.clients.rules import Rule, RuleVersion
from services.portal.drafts import Drafts, KeptDrafts
from services.portal.formats import WIB
from services.portal.forms import Filled, Form, form_of
from services.portal.pages import rule_forms
from services.portal.pages.people import GONE
from services.portal.pages.places import see
from services.portal.presentation import pillar_name
from services.portal.problems import ClientProblem
from services.portal.rendering import page, worker_names
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.contracts.codes import Role
from shared.errors import Unavailable
from shared.ids import new_id

router = page_router()

PERIODS: Final = {30: "30 hari", 90: "90 hari", 365: "1 tahun"}
"""Days that a change can be tried on, up to today."""
USUAL_DAYS: Final = 90
_PUBLISH: Final = "terbitkan"
_EDIT: Final = "ubah"


@router.get("/aturan")
async def show(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    cari: str = "",
    kategori: str = "",
    keadaan: str = "",
    wilayah: str = "",
) -> Response:
    """The rules of the visitor's area: those that fit the search, category and situation."""
    area = _area(visitor, wilayah)
    reference, found = await asyncio.gather(
        clients.cases.reference(visitor.token),
        clients.rules.every(
            visitor.token, area=area, category=kategori or None, situation=keadaan or None
        ),
    )
    return await page(
        request,
        "rules.html",
        visitor,
        active="aturan",
        reference=reference,
        rules=[rule for rule in found if _says(rule, cari, reference)],
        words=rule_forms,
        area_shown=area,
        offices=_offices(visitor),
        form=Form({"cari": [cari], "kategori": [kategori], "keadaan": [keadaan]}),
    )


@router.get("/aturan/{rule_id}")
async def show_rule(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    rule_id: str,
    wilayah: str = "",
    selesai: str = "",
) -> Response:
    """One rule, its versions, and the form to change it."""
    area = _area(visitor, wilayah)
    rule = await clients.rules.one(visitor.token, rule_id, area=area)
    form = rule_forms.form_for(rule)
    return await _rule_page(request, clients, visitor, rule, area, form, published=bool(selesai))


@router.post("/aturan/{rule_id}")
async def change_rule(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
    rule_id: str,
) -> Response:
    """Try, change again or publish, by the button pressed."""
    area = _area(visitor, form.get("wilayah"))
    rule = await clients.rules.one(visitor.token, rule_id, area=area)
    step = form.get("_step")
    if step == _PUBLISH:
        return await _publish(request, clients, visitor, rule, area, form)
    if step != _EDIT:
        change = rule_forms.change_of(form, rule)
        if not change and not form.errors:
            form.alert = "Belum ada yang diubah."
        if form.alert:
            form.code = status.HTTP_422_UNPROCESSABLE_CONTENT
            return await _rule_page(request, clients, visitor, rule, area, form)
    place = _place_of(rule_id, new_id())
    answer = see(f"{place}/ubah" if step == _EDIT else place)
    if drafts.keep(answer, place, visitor.worker.id, form.values):
        return answer
    if step == _EDIT:
        return await _rule_page(request, clients, visitor, rule, area, form)
    return await _trial_page(request, clients, visitor, rule, area, form, "", USUAL_DAYS)


@router.get("/aturan/{rule_id}/uji/{draft_id}")
async def show_trial(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    rule_id: str,
    draft_id: UUID,
    hari: int = USUAL_DAYS,
) -> Response:
    """What the change would have done with the referrals of a past period."""
    form = _kept(request, visitor, drafts, rule_id, draft_id)
    area = _area(visitor, form.get("wilayah") if form else "")
    rule = await clients.rules.one(visitor.token, rule_id, area=area)
    if form is None:
        gone = rule_forms.form_for(rule)
        gone.alert = GONE
        return await _rule_page(request, clients, visitor, rule, area, gone)
    place = _place_of(rule_id, draft_id)
    days = hari if hari in PERIODS else USUAL_DAYS
    return await _trial_page(request, clients, visitor, rule, area, form, place, days)


@router.get("/aturan/{rule_id}/uji/{draft_id}/ubah")
async def change_again(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    rule_id: str,
    draft_id: UUID,
) -> Response:
    """The form again, as it was filled in."""
    form = _kept(request, visitor, drafts, rule_id, draft_id)
    area = _area(visitor, form.get("wilayah") if form else "")
    rule = await clients.rules.one(visitor.token, rule_id, area=area)
    if form is None:
        form = rule_forms.form_for(rule)
        form.alert = GONE
    return await _rule_page(request, clients, visitor, rule, area, form)


async def _publish(
    request: Request, clients: Clients, visitor: Visitor, rule: Rule, area: str, form: Form
) -> Response:
    change = rule_forms.change_of(form, rule)
    # The version that was tried, not the one that holds by now.
    version = form.get("version")
    seen = int(version) if version.isascii() and version.isdigit() else rule.version
    if not form.alert:
        try:
            await clients.rules.change(
                visitor.token, rule.id, change, area=area, version=seen, key=form.key
            )
        except ClientProblem as problem:
            form.refuse(problem)
        except Unavailable:
            form.alert = "Layanan sedang tidak menjawab. Isian Anda masih di sini. Coba lagi."
            form.code = status.HTTP_503_SERVICE_UNAVAILABLE
        else:
            return see(f"/aturan/{rule.id}?wilayah={area}&selesai=ya")
    return await _rule_page(request, clients, visitor, rule, area, form)


async def _trial_page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    rule: Rule,
    area: str,
    form: Form,
    place: str,
    days: int,
) -> Response:
    change = rule_forms.change_of(form, rule)
    today = datetime.now(WIB).date()
    reference = await clients.cases.reference(visitor.token)
    try:
        trial = await clients.rules.try_out(
            visitor.token, rule.id, change, area=area, since=today - timedelta(days=days),
            until=today,
        )  # fmt: skip
    except ClientProblem as problem:
        form.refuse(problem)
        return await _rule_page(request, clients, visitor, rule, area, form)
    return await page(
        request,
        "rule_trial.html",
        visitor,
        active="aturan",
        form=form,
        rule=rule,
        area_shown=area,
        changed=rule_forms.in_words(change, rule, reference),
        rationale=change.get("rationale"),
        trial=trial,
        most=max((max(one.before, one.after) for one in trial.pillars), default=0),
        reference=reference,
        words=rule_forms,
        place=place,
        periods=PERIODS,
        days=days,
    )


async def _rule_page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    rule: Rule,
    area: str,
    form: Form,
    *,
    published: bool = False,
) -> Response:
    authors = {one.author_id for one in rule.versions if one.author_id}
    reference, workers = await asyncio.gather(
        clients.cases.reference(visitor.token), worker_names(clients, visitor, authors)
    )
    return await page(
        request,
        "rule.html",
        visitor,
        status=form.code,
        active="aturan",
        form=form,
        rule=rule,
        area_shown=area,
        may_change=area in _offices(visitor),
        published=published,
        reference=reference,
        workers=workers,
        words=rule_forms,
        services=rule_forms.services(),
    )


def _offices(visitor: Visitor) -> list[str]:
    """The areas for which the visitor may change rules."""
    return sorted({duty.area for duty in visitor.worker.duties if duty.role == Role.DINSOS})


def _area(visitor: Visitor, asked: str) -> str:
    """The area asked for if it is one of the visitor's, else their first, else their widest."""
    offices = _offices(visitor) or sorted((one.area for one in visitor.worker.duties), key=len)
    return asked if asked in offices else next(iter(offices), "")


def _says(rule: RuleVersion, wanted: str, reference: Reference) -> bool:
    """Whether the rule's number, need or pillar hold every word that was asked for."""
    said = " ".join(
        (
            rule.id,
            rule_forms.title_of(rule, reference),
            rule_forms.need_of(rule, reference),
            pillar_name(rule.pillar),
        )
    ).casefold()
    return all(word in said for word in wanted.casefold().split())


def _place_of(rule_id: str, draft_id: UUID) -> str:
    return f"/aturan/{rule_id}/uji/{draft_id}"


def _kept(
    request: Request, visitor: Visitor, drafts: Drafts, rule_id: str, draft_id: UUID
) -> Form | None:
    kept = drafts.find(request, _place_of(rule_id, draft_id), visitor.worker.id)
    return form_of(kept) if kept else None
