"""Changing a routing rule for one area: what may be changed, and into what."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from services.cases.domain.flags import FLAGS
from services.cases.domain.routing import ANY, Rule
from shared.contracts.codes import Confidentiality, Urgency
from shared.errors import NotFound, RuleViolated
from shared.reference.areas import Level, level_of
from shared.reference.categories import require_category
from shared.reference.pillars import require_pillar
from shared.reference.routing_codes import OUTSIDE_SERVICES
from shared.reference.situations import require_situation

LEVELS: Final = frozenset({Level.PROVINCE, Level.REGENCY})
"""The levels of government that have a Dinsos (UU 23/2014), and so rules of their own."""
CONDITION: Final = re.compile(
    r"|age<([1-9][0-9]?|1[0-2][0-9]|130)|has_family=(true|false)|legal_role=(suspect|victim_or_witness)"
)
"""Conditions on what a sender may say of a need; empty for none."""


class UnknownRule(NotFound):
    """No rule has this id."""

    code = "unknown-rule"
    title = "Aturan tidak ditemukan"
    title_en = "No such rule"


class UnfitRule(RuleViolated):
    """A field of a rule cannot be so."""

    code = "unfit-rule"
    title = "Isian aturan belum sesuai"
    title_en = "A field of the rule cannot be so"


class LastRule(RuleViolated):
    """The rule that takes every need no other rule takes must go on doing that."""

    code = "last-rule"
    title = "Aturan terakhir harus tetap menampung semua keadaan"
    title_en = "The last rule must go on taking every need"


class NoOfficeThere(RuleViolated):
    """Rules are changed for a province, or for a kabupaten or kota."""

    code = "no-office-there"
    title = "Aturan diubah untuk satu provinsi, kabupaten, atau kota"
    title_en = "Rules are changed for a province, kabupaten or kota"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What shall be different in a rule; None leaves a field as it is."""

    priority: int | None = None
    category: str | None = None
    situation: str | None = None
    condition: str | None = None
    primary: str | None = None
    supporting: tuple[str, ...] | None = None
    external_services: tuple[str, ...] | None = None
    urgency: Urgency | None = None
    confidentiality: Confidentiality | None = None
    reply_minutes: int | None = None
    act_hours: int | None = None
    close_days: int | None = None
    working: bool | None = None
    flags: tuple[str, ...] | None = None
    rationale: str | None = None
    retired: bool | None = None

    def given(self) -> dict[str, Any]:
        """The fields that shall be different."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in named if value is not None}


def changed(rule: Rule, change: RuleChange, area: str, *, pointer: str = "") -> Rule:
    """The rule as it shall hold in `area`; `pointer` says where in the request the change stands.

    Raises what is unknown (category, situation, pillar), `UnfitRule`, `LastRule`.
    """
    new = replace(rule, **change.given(), area=area)
    if takes_everything(rule) and not takes_everything(new):
        raise LastRule(pointer=pointer or "/retired")
    _require_need(rule, new, pointer)
    require_pillar(new.primary, f"{pointer}/pillar")
    for index, pillar in enumerate(new.supporting):
        require_pillar(pillar, f"{pointer}/supporting/{index}")
    if new.primary in new.supporting:
        raise UnfitRule("Pilar utama tidak ikut mendampingi.", f"{pointer}/supporting")
    _require_known(new.external_services, OUTSIDE_SERVICES, f"{pointer}/external_services")
    _require_known(new.flags, FLAGS, f"{pointer}/flags")
    limits = new.limits
    if not limits.reply <= limits.act:
        raise UnfitRule("Batas mulai lebih singkat dari batas balas.", f"{pointer}/act_hours")
    if not limits.act <= limits.close:
        raise UnfitRule("Batas selesai lebih singkat dari batas mulai.", f"{pointer}/close_days")
    return new


def require_office(area: str, pointer: str = "/area") -> None:
    """Raise `NoOfficeThere` unless a Dinsos answers for exactly this area."""
    if level_of(area) not in LEVELS:
        raise NoOfficeThere(pointer=pointer)


def takes_everything(rule: Rule) -> bool:
    """Whether no need passes it by."""
    anything = (rule.category, rule.situation, rule.condition) == (ANY, ANY, "")
    return anything and not rule.retired


def with_changed(rules: Sequence[Rule], new: Iterable[Rule]) -> tuple[Rule, ...]:
    """A rule set in which the new rules stand where they and their areas stood."""
    replaced = {(rule.id, rule.area): rule for rule in (*rules, *new)}
    return tuple(replaced.values())


def _require_need(rule: Rule, new: Rule, pointer: str) -> None:
    if new.category != ANY:
        require_category(new.category, f"{pointer}/category")
    if new.situation != ANY:
        require_situation(new.situation, f"{pointer}/situation")
    elif rule.situation != ANY:
        detail = "Hanya aturan terakhir yang menampung semua keadaan."
        raise UnfitRule(detail, f"{pointer}/situation")
    if not CONDITION.fullmatch(new.condition):
        raise UnfitRule("Syarat ini tidak dikenal.", f"{pointer}/condition")


def _require_known(codes: Sequence[str], known: Container[str], pointer: str) -> None:
    for index, code in enumerate(codes):
        if code not in known:
            raise UnfitRule("Kode ini tidak dikenal.", f"{pointer}/{index}")
        if code in codes[:index]:
            raise UnfitRule("Kode ini sudah ada.", f"{pointer}/{index}")
