"""Warga: finding people already registered, and looking one up."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.portal.clients import Clients
from services.portal.clients.registry import Beneficiary
from services.portal.forms import Form, submitted
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import fragment, page
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable

router = APIRouter()

SHORTEST_NAME: Final = 2
_NIK_DIGITS: Final = 16


@router.get("/warga")
async def show(request: Request, visitor: SignedIn) -> Response:
    """The search page."""
    return await page(request, "people.html", visitor, active="warga", form=Form(), found=None)


@router.post("/warga")
async def find(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Annotated[Form, Depends(submitted)],
) -> Response:
    """What was found; the name or NIK asked for never stands in an address."""
    found = await search(clients, visitor, form)
    return await page(request, "people.html", visitor, active="warga", form=form, found=found)


@router.post("/warga/bagian")
async def find_while_typing(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    form: Annotated[Form, Depends(submitted)],
) -> Response:
    """The found people alone, while the worker types a name."""
    found = None if _is_nik(form.get("cari")) else await search(clients, visitor, form)
    return fragment(request, "parts/people.html", found=found, form=form)


@router.get("/warga/{beneficiary_id}")
async def show_person(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    beneficiary_id: UUID,
    *,
    baru: bool = False,
) -> Response:
    """One record; reading it is audited by the registry."""
    person = await clients.registry.get(visitor.token, beneficiary_id)
    reference = await clients.cases.reference(visitor.token)
    return await page(
        request,
        "person.html",
        visitor,
        active="warga",
        person=person,
        reference=reference,
        just_registered=baru,
        warnings=(),
    )


async def search(clients: Clients, visitor: Visitor, form: Form) -> list[Beneficiary] | None:
    """People by name, or by NIK when 16 digits were typed; None when nothing was searched."""
    wanted = form.get("cari")
    try:
        if _is_nik(wanted):
            return await clients.registry.with_nik(visitor.token, _digits(wanted))
        if len(wanted) < SHORTEST_NAME:
            form.add(FieldError("cari", "Ketik paling sedikit 2 huruf nama, atau 16 angka NIK."))
            return None
        return await clients.registry.search(visitor.token, wanted)
    except ClientProblem as problem:
        form.refuse(problem)
    except Unavailable:
        form.alert = "Pencarian sedang tidak menjawab. Coba lagi sebentar."
    return None


def _is_nik(text: str) -> bool:
    return len(_digits(text)) == _NIK_DIGITS


def _digits(text: str) -> str:
    plain = text.replace(" ", "")
    return plain if plain.isascii() and plain.isdigit() else ""
