"""The forms of verbs: what each asks for is said by cases, and drawn and read here by its kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.portal import formats
from services.portal.clients import Clients
from services.portal.clients.cases import Need, Referral, Verb
from services.portal.clients.directory import DutyHeld, Worker
from services.portal.forms import Form
from services.portal.pages.area_choices import targets_around
from services.portal.presentation import role_name
from services.portal.problems import ClientProblem, FieldError
from services.portal.sessions import Visitor
from shared.contracts.codes import Role
from shared.errors import Unavailable
from shared.reference.areas import Level, at_level

Options = list[tuple[str, str]]
"""Codes with their words."""

_TARGET_PARTS: Final = ("pillar", "area")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the fields of the verbs offer beside their own options."""

    workers: Options
    areas: list[tuple[str, Options]]


async def offer_for(
    clients: Clients, visitor: Visitor, referral: Referral, verbs: Iterable[Verb]
) -> Offer:
    """Whom and where the verbs may name; asked for only when one of them does."""
    kinds = {need.kind for verb in verbs for need in verb.needs}
    workers = await _workers(clients, visitor, referral) if "worker" in kinds else []
    areas = targets_around(referral.place or referral.area) if "target" in kinds else []
    return Offer(workers, areas)


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
    """The workers in the visitor's scope whose duty for the pillar covers the referral's area."""
    regency = at_level(referral.area, Level.REGENCY) or referral.area
    try:
        found = await clients.directory.workers_of(
            visitor.token, pillar=referral.pillar, area=regency
        )
    except (ClientProblem, Unavailable):
        return []
    fitting = [
        (one, duty)
        for one in found
        if one.id != referral.holder_id and (duty := _covering(one, referral)) is not None
    ]
    # Those at work in the field first; others can still be chosen, knowingly.
    fitting.sort(
        key=lambda pair: (
            pair[0].absent_until is not None,
            pair[1].role is not Role.WORKER,
            pair[0].name,
        )
    )
    return [(str(one.id), _said(one, duty)) for one, duty in fitting]


def _covering(worker: Worker, referral: Referral) -> DutyHeld | None:
    """The worker's duty by which the referral can be theirs, the narrowest first."""
    fitting = [
        duty
        for duty in worker.duties
        if duty.active
        and duty.pillar == referral.pillar
        and f"{referral.area}.".startswith(f"{duty.area}.")
    ]
    return max(fitting, key=lambda duty: len(duty.area), default=None)


def _said(worker: Worker, duty: DutyHeld) -> str:
    parts = [worker.name]
    if duty.role is not Role.WORKER:
        parts.append(role_name(duty.role))
    if worker.absent_until is not None:
        parts.append(f"izin sampai {formats.long_date(worker.absent_until)}")
    return ", ".join(parts)
