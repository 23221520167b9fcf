"""The forms of verbs: what each asks for is said by cases, and drawn and read here by its kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.portal import formats
from services.portal.clients import Clients
from services.portal.clients.cases import Referral
from services.portal.clients.directory import Worker
from services.portal.clients.reference import Need, Verb
from services.portal.forms import Form
from services.portal.pages.area_choices import targets_around
from services.portal.problems import ClientProblem, FieldError
from services.portal.rendering import worker_names
from services.portal.sessions import Visitor
from shared.errors import Unavailable
from shared.reference.areas import parents

Options = list[tuple[str, str]]
"""Codes with their words."""

_TARGET_PARTS: Final = ("pillar", "area", "service")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the fields of the verbs offer beside their own options."""

    workers: Options
    areas: list[tuple[str, Options]]
    services: Options


async def offer_for(
    clients: Clients, visitor: Visitor, referral: Referral, verbs: Iterable[Verb]
) -> Offer:
    """Whom and where the verbs may name; asked for only when one of them does."""
    kinds = {need.kind for verb in verbs for need in verb.needs}
    workers = await _workers(clients, visitor, referral) if "worker" in kinds else []
    areas = targets_around(referral.place or referral.area) if "target" in kinds else []
    services = await _services(clients, visitor, referral) if "target" in kinds else []
    return Offer(workers, areas, services)


def body_of(verb: Verb, form: Form) -> dict[str, Any]:
    """What the verb asks for, from the form; refuses the form where something is missing."""
    body: dict[str, Any] = {}
    for need in verb.needs:
        value = _READ.get(need.kind, _text)(need, form)
        if value:
            body[need.field] = value
        elif need.required:
            form.add(FieldError(need.field, f"{need.label} wajib diisi."))
    return body


def _text(need: Need, form: Form) -> str:
    return form.get(need.field)


def _moment(need: Need, form: Form) -> str | None:
    text = form.get(need.field)
    moment = formats.parse_local(text)
    if text and moment is None:
        form.add(FieldError(need.field, "Waktu belum sesuai."))
    return moment.isoformat() if moment else None


def _files(need: Need, form: Form) -> list[str]:
    """Those uploaded before; what is chosen now is uploaded first and joins them."""
    return form.all(need.field)


def _target(need: Need, form: Form) -> dict[str, str]:
    named = {part: form.get(f"{need.field}.{part}") for part in _TARGET_PARTS}
    return {part: code for part, code in named.items() if code}


_READ: Final[Mapping[str, Callable[[Need, Form], Any]]] = {
    "text": _text,
    "choice": _text,
    "worker": _text,
    "datetime": _moment,
    "target": _target,
    "files": _files,
}
"""How the value of each kind of field is read; a kind nobody listed is read as text."""


async def _workers(clients: Clients, visitor: Visitor, referral: Referral) -> Options:
    """Who could take the referral, in the order of the ranking and with its reasons."""
    try:
        found = await clients.board.candidates(visitor.token, referral.id)
    except (ClientProblem, Unavailable):
        return []
    others = [one for one in found if not one.holds_it]
    names = await worker_names(clients, visitor, {one.worker_id for one in others})
    return [
        (
            str(one.worker_id),
            " · ".join((_name(names, one.worker_id), *(why.rstrip(".") for why in one.reasons))),
        )
        for one in others
    ]


async def _services(clients: Clients, visitor: Visitor, referral: Referral) -> Options:
    """The outside services that work where the need is; none while they cannot be asked."""
    place = referral.place or referral.area
    try:
        found = await clients.cases.outside_services(visitor.token, place)
    except (ClientProblem, Unavailable):
        return []
    return [(str(one.id), one.name) for one in found if one.area in parents(place)]


def _name(names: Mapping[UUID, Worker], worker_id: UUID) -> str:
    return names[worker_id].name if worker_id in names else "Petugas lain"
