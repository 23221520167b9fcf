"""The form of a routing rule: filled from the rule, read back, and what it changes, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.portal import presentation
from services.portal.clients.reference import Reference
from services.portal.clients.rules import Course, RuleVersion
from services.portal.formats import number
from services.portal.forms import Form
from services.portal.presentation import pillar_name
from services.portal.problems import FieldError
from shared.reference.routing_codes import OUTSIDE_SERVICES

ANY: Final = "*"
CONFIDENTIALITIES: Final[Mapping[str, str]] = {
    "C1": "Biasa: pilar yang bertugas di wilayah itu",
    "C2": "Terbatas: petugasnya, TKSK, pekerja sosial, dan Dinas Sosial",
    "C3": "Rahasia: hanya orang yang disebut namanya",
}
TIMES: Final[Mapping[str, str]] = {"jam": "Semua hari", "kerja": "Hari kerja saja"}
HOLDS: Final[Mapping[str, str]] = {"ya": "Berlaku", "tidak": "Dinonaktifkan"}
CONDITIONS: Final[Mapping[str, str]] = {
    "has_family=true": "ada keluarga yang merawat",
    "has_family=false": "tanpa keluarga yang merawat",
    "legal_role=suspect": "terduga pelaku",
    "legal_role=victim_or_witness": "korban atau saksi",
}
_CODES: Final = ("pillar", "urgency", "confidentiality")
_NUMBERS: Final = ("reply_minutes", "act_hours", "close_days")
_LISTS: Final = ("supporting", "external_services", "flags")
_LABELS: Final[Mapping[str, str]] = {
    "pillar": "Pilar utama",
    "supporting": "Pilar pendamping",
    "urgency": "Seberapa mendesak",
    "confidentiality": "Kerahasiaan",
    "reply_minutes": "Dibalas dalam",
    "act_hours": "Mulai ditangani dalam",
    "close_days": "Selesai dalam",
    "working": "Hitungan waktu",
    "external_services": "Layanan luar",
    "flags": "Petunjuk",
    "retired": "Keadaan aturan",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of a rule, before and after, in words."""

    label: str
    before: str
    after: str


def form_for(rule: RuleVersion) -> Form:
    """The form as the rule stands; why it is changed, is for each change to say anew."""
    values: dict[str, list[str]] = {
        name: [str(getattr(rule, name))] for name in (*_CODES, *_NUMBERS)
    }
    values |= {name: list(getattr(rule, name)) for name in _LISTS}
    values["working"] = ["kerja" if rule.working else "jam"]
    values["retired"] = ["tidak" if rule.retired else "ya"]
    values["version"] = [str(rule.version)]
    return Form(values)


def change_of(form: Form, rule: RuleVersion) -> dict[str, Any]:
    """What the form would change in the rule; refuses the form where a number is none."""
    said: dict[str, Any] = {name: form.get(name) for name in _CODES}
    for name in _NUMBERS:
        text = form.get(name)
        if text.isascii() and text.isdigit():
            said[name] = int(text)
        else:
            form.add(FieldError(name, "Isi dengan angka."))
    said["working"] = form.get("working") == "kerja"
    said["retired"] = form.get("retired") == "tidak"
    change = {name: value for name, value in said.items() if value != getattr(rule, name)}
    for name in _LISTS:
        if set(form.all(name)) != set(getattr(rule, name)):
            change[name] = form.all(name)
    if change and form.get("rationale"):
        change["rationale"] = form.get("rationale")
    return change


def in_words(change: Mapping[str, Any], rule: RuleVersion, reference: Reference) -> list[Changed]:
    """The change, field by field, in the order of the form."""
    return [
        Changed(
            label,
            _word(name, getattr(rule, name), reference),
            _word(name, change[name], reference),
        )
        for name, label in _LABELS.items()
        if name in change
    ]


def differing_in_words(before: Course, after: Course, reference: Reference) -> list[Changed]:
    """What differs between two courses."""
    return [
        Changed(
            label,
            _word(name, getattr(before, name), reference),
            _word(name, getattr(after, name), reference),
        )
        for name, label in _LABELS.items()
        if name in Course.model_fields and getattr(before, name) != getattr(after, name)
    ]


def condition_words(condition: str) -> str:
    """A condition as people say it."""
    age = condition.removeprefix("age<")
    if age != condition:
        return f"usia di bawah {age} tahun"
    return CONDITIONS.get(condition, condition)


def title_of(rule: RuleVersion, reference: Reference) -> str:
    """What the rule is about."""
    if rule.situation == ANY:
        return "Keadaan lain yang belum diatur"
    return reference.label("situations", rule.situation)


def need_of(rule: RuleVersion, reference: Reference) -> str:
    """Whose needs it takes: the category, and the condition where there is one."""
    category = (
        "Semua kategori" if rule.category == ANY else reference.label("categories", rule.category)
    )
    return f"{category}, {condition_words(rule.condition)}" if rule.condition else category


def limits_of(rule: Course) -> str:
    """The three deadlines in one line."""
    days = " kerja" if rule.working else ""
    return (
        f"dibalas {minutes(rule.reply_minutes)}, mulai {hours(rule.act_hours)}, "
        f"selesai {number(rule.close_days)} hari{days}"
    )


def minutes(value: int) -> str:
    """`15 menit`, `2 jam`, `1 hari`: the largest unit that fits without a rest."""
    return f"{number(value)} menit" if value % 60 else hours(value // 60)


def hours(value: int) -> str:
    """`36 jam`, `2 hari`."""
    return f"{number(value)} jam" if value % 24 else f"{number(value // 24)} hari"


def service_name(code: str) -> str:
    """An outside service as people say it."""
    return presentation.SERVICES.get(code, code.replace("_", " "))


def services() -> list[tuple[str, str]]:
    """Every outside service a rule can name, by its name."""
    named = ((code, service_name(code)) for code in OUTSIDE_SERVICES)
    return sorted(named, key=lambda one: one[1].casefold())


def _word(name: str, value: Any, reference: Reference) -> str:
    match name:
        case "pillar":
            return pillar_name(value)
        case "urgency":
            return reference.label("urgencies", value)
        case "confidentiality":
            return CONFIDENTIALITIES.get(value, value)
        case "reply_minutes":
            return minutes(value)
        case "act_hours":
            return hours(value)
        case "close_days":
            return f"{number(value)} hari"
        case "working":
            return TIMES["kerja" if value else "jam"]
        case "retired":
            return HOLDS["tidak" if value else "ya"]
        case "supporting":
            return _joined(map(pillar_name, value))
        case "external_services":
            return _joined(map(service_name, value))
        case "flags":
            return _joined((reference.label("flags", one) for one in value), " ")
        case _:
            return str(value)


def _joined(words: Iterable[str], between: str = ", ") -> str:
    return between.join(words) or "Tidak ada"
