"""Data keluarga: the form of a disaster site, for families who come one after another.

With a script the phone keeps them in a queue of its own and sends them together; each is kept
there only until it was taken. Without one each family is sent by itself. Both go the same way:
first the registry, then the disaster, under one key, so that a repeat changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import Request, status
from starlette.responses import JSONResponse, Response

from services.portal.clients import Clients
from services.portal.clients.disasters import Disaster, Fault, ItemResult, Site
from services.portal.forms import Filled, Form
from services.portal.pages.area_choices import villages_in
from services.portal.pages.disasters import HEADS, number_in
from services.portal.pages.places import see
from services.portal.problems import ClientProblem, FieldError, field_error
from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import NotFound
from shared.reference.areas import Level, level_of

router = page_router()

MOST: Final = 200
NEEDS: Final = "Tempat aman, makanan, air bersih, dan selimut."
_TAKEN: Final = frozenset({"created", "repeated", "already"})
_REGISTERED: Final = frozenset({"created", "repeated"})
_WORDS: Final = {
    "possible-duplicate": "Mungkin sudah terdaftar. Periksa lewat Warga.",
    "try-again": "Belum dapat diperiksa. Kirim lagi sebentar.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one family, in words; `case` where it has one."""

    key: str | None
    status: str
    """`sent`, `already`, `refused`, or `later` when nothing was decided."""
    case: str | None = None
    errors: tuple[FieldError, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the script."""
        errors = [{"field": one.field, "message": one.message} for one in self.errors]
        return {"key": self.key, "status": self.status, "case": self.case, "errors": errors}


@router.get("/bencana/{disaster_id}/lokasi/{site_id}")
async def show(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    disaster_id: UUID,
    site_id: UUID,
    selesai: str = "",
) -> Response:
    """The form; `selesai` is the case of the family just taken in."""
    form = Form({"need": [NEEDS]})
    return await _page(request, clients, visitor, (disaster_id, site_id), form, done=selesai)


@router.post("/bencana/{disaster_id}/lokasi/{site_id}")
async def take_in_one(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    disaster_id: UUID,
    site_id: UUID,
    form: Filled,
) -> Response:
    """Take in one family, for browsers without a script."""
    form.require("name", "Isi nama kepala keluarga.")
    form.require("need", "Tulis apa yang dibutuhkan.")
    for name in HEADS:
        number_in(form, name)
    if not form.errors:
        names = ("name", "area", "address", "need", *HEADS)
        family = {"key": form.key} | {name: form.get(name) for name in names}
        (told,) = await _take_in(clients, visitor, (disaster_id, site_id), [family])
        if told.status in {"sent", "already"}:
            return see(f"{_address(disaster_id, site_id)}?selesai={told.case}")
        for error in told.errors:
            form.add(error)
    code = status.HTTP_422_UNPROCESSABLE_CONTENT
    return await _page(request, clients, visitor, (disaster_id, site_id), form, code=code)


@router.post("/bencana/{disaster_id}/lokasi/{site_id}/kirim")
async def take_in_many(
    request: Request, visitor: SignedIn, clients: Services, disaster_id: UUID, site_id: UUID
) -> Response:
    """Take in the families a phone has kept; one result for each, in their order."""
    families = _read(await request.body())
    if families is None:
        return JSONResponse({"items": []}, status.HTTP_422_UNPROCESSABLE_CONTENT)
    told = await _take_in(clients, visitor, (disaster_id, site_id), families)
    return JSONResponse({"items": [one.as_json() for one in told]})


@router.post("/bencana/{disaster_id}/lokasi/{site_id}/jiwa")
async def count_heads(
    request: Request,
    visitor: SignedIn,
    clients: Services,
    disaster_id: UUID,
    site_id: UUID,
    form: Filled,
) -> Response:
    """Write down how many people are at the site now, registered or not."""
    counted = {name: number_in(form, name) or 0 for name in HEADS}
    if not form.errors:
        try:
            await clients.disasters.count_heads(
                visitor.token, disaster_id, site_id, counted, key=form.key
            )
        except ClientProblem as problem:
            form.refuse(problem)
        else:
            return see(_address(disaster_id, site_id))
    code = status.HTTP_422_UNPROCESSABLE_CONTENT
    return await _page(
        request, clients, visitor, (disaster_id, site_id), Form(), counting=form, code=code
    )


def _read(body: bytes) -> list[dict[str, Any]] | None:
    """The families of a batch; None for anything but the list our own script sends."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    families = said.get("items") if isinstance(said, dict) else None
    if not isinstance(families, list) or len(families) > MOST:
        return None
    return families if all(isinstance(one, dict) for one in families) else None


async def _take_in(
    clients: Clients,
    visitor: Visitor,
    where: tuple[UUID, UUID],
    families: Sequence[Mapping[str, Any]],
) -> list[Told]:
    """What became of each family; raises `Unavailable` when they must be sent again."""
    disaster, site = await _found(clients, visitor, where)
    people = [_person(one, disaster, site) for one in families]
    registered = await clients.registry.register_many(visitor.token, people) if people else []
    items = [
        _intake(family, site, record.id)
        for family, record in zip(families, registered, strict=True)
        if record.status in _REGISTERED
    ]
    taken = await clients.disasters.take_in(visitor.token, disaster.id, items) if items else []
    results = {str(one.key): one for one in taken}
    return [_told(record, results.get(str(record.key))) for record in registered]


def _told(record: ItemResult, taken: ItemResult | None) -> Told:
    key = str(record.key) if record.key else None
    last = taken or record
    if taken and taken.status in _TAKEN:
        done = "already" if taken.status == "already" else "sent"
        return Told(key, done, taken.case.number if taken.case else None)
    errors = tuple(_in_words(fault) for fault in last.errors)
    if not errors:
        errors = (FieldError("", _WORDS.get(last.status, "Isian belum sesuai.")),)
    return Told(key, "later" if last.status == "try-again" else "refused", errors=errors)


def _in_words(fault: Fault) -> FieldError:
    error = field_error(fault.model_dump())
    return FieldError(error.field.removeprefix("head_count.") or "", error.message)


def _person(family: Mapping[str, Any], disaster: Disaster, site: Site) -> dict[str, Any]:
    """A family as the registry takes it: nobody waits for consent where life is in danger."""
    said = {name: family[name] for name in ("name", "address") if family.get(name)}
    return said | {
        "key": family.get("key"),
        "kind": "family",
        "area": family.get("area") or site.area,
        "categories": [disaster.category],
        "legal_basis": "vital_interest",
    }


def _intake(family: Mapping[str, Any], site: Site, beneficiary_id: UUID | None) -> dict[str, Any]:
    return {
        "key": family.get("key"),
        "site_id": str(site.id),
        "beneficiary_id": str(beneficiary_id),
        "area": family.get("area") or site.area,
        "need": family.get("need") or NEEDS,
        "head_count": {name: family.get(name) or 0 for name in HEADS},
        "occurred_at": family.get("occurred_at") or None,
    }


async def _found(
    clients: Clients, visitor: Visitor, where: tuple[UUID, UUID]
) -> tuple[Disaster, Site]:
    disaster_id, site_id = where
    disaster = await clients.disasters.get(visitor.token, disaster_id)
    site = disaster.site(site_id)
    if site is None:
        raise NotFound
    return disaster, site


async def _page(
    request: Request,
    clients: Clients,
    visitor: Visitor,
    where: tuple[UUID, UUID],
    form: Form,
    *,
    counting: Form | None = None,
    done: str = "",
    code: int = status.HTTP_200_OK,
) -> Response:
    disaster, site = await _found(clients, visitor, where)
    in_village = level_of(site.area) is Level.VILLAGE
    return await page(
        request,
        "intake.html",
        visitor,
        status=code,
        active="bencana",
        form=form,
        counting=(counting or Form()).scoped("jiwa-"),
        counting_open=counting is not None,
        disaster=disaster,
        site=site,
        villages=[] if in_village else villages_in(site.area),
        address=_address(disaster.id, site.id),
        done=done,
    )


def _address(disaster_id: UUID, site_id: UUID) -> str:
    return f"/bencana/{disaster_id}/lokasi/{site_id}"
