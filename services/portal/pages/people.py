"""Warga: finding people already registered, and looking one up."""

import re
from typing import Final
from uuid import UUID

from fastapi import Request, status
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.answers import Listed
from services.portal.clients.registry import Beneficiary, Finding
from services.portal.drafts import Drafts, KeptDrafts
from services.portal.forms import Filled, Form, without_marks
from services.portal.navigation import may_do
from services.portal.pages.area_choices import areas_of
from services.portal.pages.places import of_person, see
from services.portal.pages.record_parts import parts_of
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import fragment, page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable
from shared.ids import new_id
from shared.policy import Action
from shared.reference.categories import CATEGORIES

router = page_router()

SHORTEST_NAME: Final = 2
SEARCHED_BY: Final = {"cari": "name", "di": "area", "ppks": "category", "kursor": "cursor"}
"""What the registry calls the fields of a search; the last says from where on it is shown."""
FOUND_AT_ONCE: Final = 25
GONE: Final = "Isian ini sudah tidak tersimpan di perangkat ini. Mulai lagi dari awal."
DONE: Final = {
    "gabung": "Kedua data sudah digabung.",
    "pisah": "Data sudah dipisahkan lagi, seperti semula.",
    "laporan": "Laporan diselesaikan: orangnya sudah tercatat. Perlu bantuan? Rujuk sekarang.",
}
"""What the page of a person says after a merge was made or taken back, or a report settled."""
_NIK_DIGITS: Final = 16
_CASE_NUMBER: Final = re.compile(r"RJ-[0-9.]{2,13}-[0-9]{4}-[0-9]{1,9}")

Found = Listed[Beneficiary]


@router.get("/warga")
async def show(request: Request, visitor: SignedIn) -> Response:
    """The search page."""
    return await _page(request, visitor, Form(), None)


@router.post("/warga")
async def find(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    form: Filled,
) -> Response:
    """Go to what was found; the name or NIK asked for never stands in an address.

    The number of a case leads to that case.
    """
    if number := _case_number(form.get("cari")):
        case_id = await clients.case_files.numbered(visitor.token, number)
        if case_id is not None:
            return see(f"/kasus/{case_id}")
        form.add(FieldError("cari", "Tidak ada kasus bernomor ini di wilayah tugas Anda."))
        return await _page(request, visitor, form, None)
    if answer := see_search(visitor, drafts, form, _place_of(new_id())):
        return answer
    return await _page(request, visitor, form, await search(clients, visitor, form))


@router.get("/warga/cari/{draft_id}")
async def show_found(
    request: Request, visitor: SignedIn, clients: Services, drafts: KeptDrafts, draft_id: UUID
) -> Response:
    """What was found, as it is now."""
    form, found = await search_again(request, clients, visitor, drafts, _place_of(draft_id))
    return await _page(request, visitor, form, found)


@router.post("/warga/bagian")
async def find_while_typing(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """The found people alone, while the worker types a name."""
    exact = _is_nik(form.get("cari")) or _case_number(form.get("cari"))
    found = None if exact else await search(clients, visitor, form)
    return fragment(request, "parts/people.html", found=found, form=form, target="/warga")


@router.post("/warga/lagi")
async def find_more(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Filled,
) -> Response:
    """The found people that come next."""
    found = await search(clients, visitor, form) or Listed([], None)
    return fragment(
        request, "parts/people_rows.html", found=found, form=form, target="/warga", added=True
    )


@router.get("/warga/{beneficiary_id}")
async def show_person(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    drafts: KeptDrafts,
    beneficiary_id: UUID,
    *,
    baru: bool = False,
    tersimpan: bool = False,
    selesai: str = "",
    diperbaiki: bool = False,
) -> Response:
    """One record; reading it is audited by the registry."""
    changed = baru or tersimpan or diperbaiki
    kept = drafts.find(request, of_person(beneficiary_id), visitor.worker.id) if changed else None
    try:
        person = await clients.registry.get(visitor.token, beneficiary_id)
    except ClientProblem as problem:
        if problem.status != status.HTTP_404_NOT_FOUND or not (kept or {}).get("gives"):
            raise
        return await page(request, "out_of_sight.html", visitor, active="warga")
    if person.id != beneficiary_id:
        # Merged: the record that remains has its own address.
        return see(of_person(person.id))
    return await page(
        request,
        "person.html",
        visitor,
        active="warga",
        person=person,
        reference=await clients.cases.reference(visitor.token),
        just_registered=baru,
        done=DONE.get(selesai),
        merges=may_do(visitor.worker, Action.BENEFICIARY_MERGE),
        saved=tersimpan,
        just_corrected=diperbaiki,
        corrects=may_do(visitor.worker, Action.BENEFICIARY_CHANGE),
        audits=may_do(visitor.worker, Action.AUDIT_READ),
        warnings=[Finding.model_validate(one) for one in (kept or {}).get("warnings", ())],
        **await parts_of(clients, visitor, person),
    )


def is_searchable(form: Form) -> bool:
    """Whether there is something to search for; refuses the form where there is not."""
    is_narrowed = bool(form.get("di") or form.get("ppks"))
    if len(form.get("cari")) >= SHORTEST_NAME or (is_narrowed and not form.get("cari")):
        return True
    form.add(
        FieldError("cari", "Ketik paling sedikit 2 huruf nama, 16 angka NIK, atau nomor kasus.")
    )
    return False


def search_of(form: Form) -> dict[str, list[str]]:
    """What of a form says what to search for."""
    return {name: [form.get(name)] for name in SEARCHED_BY if form.get(name)}


async def search(clients: Clients, visitor: Visitor, form: Form) -> Found | None:
    """People by name, area and category, or by a NIK; None when nothing was searched."""
    if not is_searchable(form):
        return None
    wanted = form.get("cari")
    try:
        if _is_nik(wanted):
            return Listed(await clients.registry.with_nik(visitor.token, _digits(wanted)), None)
        asked = {one: form.get(name) for name, one in SEARCHED_BY.items() if form.get(name)}
        return await clients.registry.search(visitor.token, asked, limit=FOUND_AT_ONCE)
    except ClientProblem as problem:
        form.refuse(problem)
    except Unavailable:
        form.alert = "Pencarian sedang tidak menjawab. Coba lagi sebentar."
    return None


def see_search(visitor: Visitor, drafts: Drafts, form: Form, place: str) -> Response | None:
    """To what is found, at an address that says nothing of it; None where it cannot be kept."""
    answer = see(place)
    if is_searchable(form) and drafts.keep(answer, place, visitor.worker.id, search_of(form)):
        return answer
    return None


async def search_again(
    request: Request, clients: Clients, visitor: Visitor, drafts: Drafts, place: str
) -> tuple[Form, Found | None]:
    """What was searched for at this address, and what is found now."""
    kept = drafts.find(request, place, visitor.worker.id)
    if not kept:
        return Form(alert=GONE), None
    form = Form(kept)
    return form, await search(clients, visitor, form)


def _place_of(draft_id: UUID) -> str:
    return f"/warga/cari/{draft_id}"


async def _page(request: Request, visitor: Visitor, form: Form, found: Found | None) -> Response:
    return await page(
        request,
        "people.html",
        visitor,
        active="warga",
        form=form,
        found=found,
        takes_lists=may_do(visitor.worker, Action.BENEFICIARY_IMPORT),
        areas=areas_of(visitor.worker.duties),
        categories=[(code, one.name) for code, one in CATEGORIES.items()],
    )


def _is_nik(text: str) -> bool:
    return len(_digits(text)) == _NIK_DIGITS


def _case_number(text: str) -> str:
    wanted = text.strip().upper()
    return wanted if _CASE_NUMBER.fullmatch(wanted) else ""


def _digits(text: str) -> str:
    plain = without_marks(text)
    return plain if plain.isascii() and plain.isdigit() else ""
