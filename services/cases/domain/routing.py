"""Where a need goes and why: a pure function of rules, need and directory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.cases.domain.clocks import Limits
from services.cases.domain.explanations import (
    why_confidential,
    why_level,
    why_until,
    why_urgent,
)
from services.cases.domain.flags import Bind, binds
from services.cases.domain.legs import Candidate, Leg, LegRole
from services.cases.domain.ranking import TAGANA, covers, distance, ranked
from shared.contracts.codes import Confidentiality, Urgency
from shared.reference.areas import at_level, label_of
from shared.reference.categories import CATEGORIES
from shared.reference.pillars import DINSOS, PILLARS

ANY: Final = "*"

FALLBACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "PENSOSMAS": ("PSM", "TKSK", DINSOS),
    "KARANG_TARUNA": ("PSM", "TKSK", DINSOS),
    "PSM": ("TKSK", DINSOS),
    "TKSK": (DINSOS,),
    # Another unit of it.
    TAGANA: (TAGANA, DINSOS),
}
"""Who stands in when a pillar has nobody in the area; any other pillar falls back to Dinsos.

Tagana alone comes from outside first: the nearest unit of the province, then the province's own.
"""

_RANK: Final = {
    Urgency.LOW: 0, Urgency.NORMAL: 1, Urgency.HIGH: 2, Urgency.EMERGENCY: 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One routing rule; `priority` ascending decides which comes first."""

    id: str
    priority: int
    category: str
    situation: str
    condition: str
    primary: str
    supporting: tuple[str, ...]
    external_services: tuple[str, ...]
    urgency: Urgency
    confidentiality: Confidentiality
    reply_minutes: int
    act_hours: int
    close_days: int
    flags: tuple[str, ...]
    rationale: str
    working: bool = False
    """Whether its deadlines count working days only."""
    area: str = ""
    """Where it holds; empty for everywhere. The rule of the narrower area replaces the wider."""
    version: int = 1
    retired: bool = False
    level: str = "KECAMATAN"
    """The level of government that handles it, and the one above it as the table of rules names it.

    Shown with the rule; an escalation goes to whoever is nearest above, see `superiors`.
    """
    escalate_to: str = "KABKOTA"

    @property
    def limits(self) -> Limits:
        """The rule's three deadlines."""
        return Limits(
            timedelta(minutes=self.reply_minutes),
            timedelta(hours=self.act_hours),
            timedelta(days=self.close_days),
            self.working,
        )


@dataclass(frozen=True, slots=True)
class Need:
    """What the sender reports."""

    category: str
    situation: str
    area: str
    attributes: Mapping[str, Any]
    urgency: Urgency | None = None
    target_pillar: str | None = None
    target_area: str | None = None
    target_worker: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen, and why, in words."""

    rule: Rule
    urgency: Urgency
    confidentiality: Confidentiality
    primary: Leg
    warnings: tuple[str, ...]
    need: Need
    duties: Sequence[Candidate]
    named_only: bool

    @property
    def wanted(self) -> str:
        """The pillar it should go to, whoever is there."""
        return self.need.target_pillar or self.rule.primary

    @property
    def supporting(self) -> tuple[Leg, ...]:
        """Who would help beside, each pillar once; nobody when only a named person may know."""
        if self.named_only:
            return ()
        why = f"Mendampingi menurut aturan {self.rule.id}."
        legs = (leg_to(pillar, self.need, self.duties, why=why) for pillar in self.rule.supporting)
        # A pillar that nobody holds here may fall back to one that is told already.
        told = {(self.primary.pillar, self.primary.area): self.primary}
        for leg in legs:
            told.setdefault((leg.pillar, leg.area), leg)
        return tuple(told.values())[1:]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why so urgent, so confidential, until when and at which level: a sentence each."""
        rule = self.rule
        haste = _RANK[self.urgency] - _RANK[rule.urgency]
        return (
            why_urgent(self.urgency, rule.urgency, rule.id, haste),
            why_confidential(self.confidentiality, CATEGORIES[self.need.category].sensitivity),
            why_until(rule.id, working=rule.working),
            why_level(rule.level),
        )

    @property
    def asks_about_guardian(self) -> bool:
        """Whether the sender should say if the guardian is the suspect, and who consented."""
        is_special = self.confidentiality is Confidentiality.C3
        return is_special or binds(self.rule.flags, Bind.ASKS_ABOUT_GUARDIAN)

    @property
    def lowers_urgency(self) -> bool:
        """Whether the sender asks for less haste than the rule."""
        return _RANK[self.urgency] < _RANK[self.rule.urgency]


def choose_rule(rules: Sequence[Rule], need: Need) -> Rule:
    """The first rule that fits: category and situation first, then any category, then any."""
    for category, situation in (
        (need.category, need.situation),
        (ANY, need.situation),
        (ANY, ANY),
    ):
        for rule in rules:
            if (
                rule.category == category
                and rule.situation == situation
                and condition_holds(rule.condition, need.attributes)
            ):
                return rule
    raise LookupError("the rule set lacks its last rule, which takes everything")


def condition_holds(condition: str, attributes: Mapping[str, Any]) -> bool:
    """Whether `age<18` or `has_family=true` is known to hold; what is unknown does not."""
    if not condition:
        return True
    if "<" in condition:
        name, _, limit = condition.partition("<")
        value = attributes.get(name)
        return isinstance(value, int) and not isinstance(value, bool) and value < int(limit)
    name, _, wanted = condition.partition("=")
    value = attributes.get(name)
    if isinstance(value, bool):
        return str(value).lower() == wanted
    return value is not None and str(value) == wanted


def make_plan(rules: Sequence[Rule], need: Need, duties: Sequence[Candidate]) -> Plan:
    """Who should take the need, how soon, and why."""
    rule = choose_rule(rules, need)
    category = CATEGORIES[need.category]
    confidentiality = max(category.sensitivity, rule.confidentiality)
    urgency = need.urgency or rule.urgency
    named_only = confidentiality is Confidentiality.C3 or binds(rule.flags, Bind.NAMED_ONLY)
    primary = _leg(
        LegRole.PRIMARY,
        need.target_pillar or rule.primary,
        need,
        duties,
        named_only=named_only,
        first_reason=_why(rule, need),
    )
    return Plan(
        rule=rule,
        urgency=urgency,
        confidentiality=confidentiality,
        primary=primary,
        warnings=warnings_of(primary),
        need=need,
        duties=duties,
        named_only=named_only,
    )


def leg_to(
    pillar: str, need: Need, duties: Sequence[Candidate], *, why: str, area: str | None = None
) -> Leg:
    """A supporting leg of this pillar, with its fallbacks; `area` overrides the need's own."""
    if area is not None:
        need = replace(need, target_area=area)
    return _leg(LegRole.SUPPORTING, pillar, need, duties, named_only=False, first_reason=why)


def chain_of(pillar: str) -> tuple[str, ...]:
    """The pillars that take what this one does not, in order."""
    return FALLBACKS.get(pillar, (DINSOS,))


def next_in_chain(
    pillar: str, need: Need, duties: Sequence[Candidate], *, named_only: bool
) -> Leg | None:
    """The next pillar of the fallback chain that has anybody; None when none is left."""
    for option in chain_of(pillar):
        leg = _leg(LegRole.PRIMARY, option, need, duties, named_only=named_only, first_reason="")
        if leg.people:
            why = f"Tidak ada jawaban dari {PILLARS[pillar].name}, jadi dialihkan otomatis."
            return replace(leg, reasons=(why, *leg.reasons))
    return None


def in_force(rules: Sequence[Rule], area: str) -> tuple[Rule, ...]:
    """The rules that hold in an area, by priority: of each the narrowest, unless it is retired."""
    return tuple(rule for rule in narrowest(rules, area) if not rule.retired)


def narrowest(rules: Sequence[Rule], area: str) -> tuple[Rule, ...]:
    """Of each rule the version of the narrowest area that holds this one, by priority."""
    found: dict[str, Rule] = {}
    for rule in rules:
        known = found.get(rule.id)
        if (not rule.area or covers(rule.area, area)) and (
            known is None or len(rule.area) > len(known.area)
        ):
            found[rule.id] = rule
    return tuple(sorted(found.values(), key=lambda rule: (rule.priority, rule.id)))


def _why(rule: Rule, need: Need) -> str:
    if need.target_worker:
        return "Dipilih langsung oleh pengirim kepada petugas yang disebut."
    if need.target_pillar:
        return f"Pilar {PILLARS[need.target_pillar].name} dipilih oleh pengirim."
    if rule.situation == ANY:
        return f"Belum ada aturan khusus, jadi {PILLARS[rule.primary].name} menelaah ({rule.id})."
    return f"Aturan {rule.id}: {PILLARS[rule.primary].name} menangani keadaan ini."


def _leg(
    role: LegRole,
    pillar: str,
    need: Need,
    duties: Sequence[Candidate],
    *,
    named_only: bool,
    first_reason: str,
) -> Leg:
    where = need.target_area or need.area
    reasons = [first_reason] if first_reason else []
    if named_only:
        # A stand-in acts for a colleague, but is not the person named.
        duties = [replace(one, stand_in_id=None) for one in duties]
    if need.target_worker and role is LegRole.PRIMARY:
        own = [one for one in duties if one.worker_id == need.target_worker]
        fitting = [one for one in own if one.pillar == pillar] or own
        return Leg(
            role,
            fitting[0].pillar if fitting else pillar,
            fitting[0].area if fitting else where,
            need.target_worker,
            tuple(fitting[:1]),
            tuple(reasons),
        )
    chosen = pillar
    people: list[Candidate] = []
    for option in (pillar, *chain_of(pillar)):
        people = ranked(duties, option, where)
        if people:
            chosen = option
            break
    if chosen != pillar:
        reasons.append(
            f"{PILLARS[pillar].name} belum ada di {label_of(where)}, "
            f"jadi dialihkan ke {PILLARS[chosen].name}."
        )
    area = at_level(where, PILLARS[chosen].level) or where
    if people and distance(people[0].area, area) and not covers(people[0].area, area):
        area = people[0].area
        reasons.append(f"Unit {PILLARS[chosen].name} terdekat ada di {label_of(area)}.")
    if people and named_only:
        people = people[:1]
        reasons.append("Bersifat rahasia: hanya satu petugas yang disebut yang diberi tahu.")
    return Leg(
        role,
        chosen,
        area,
        people[0].worker_id if people and named_only else None,
        tuple(people),
        tuple(reasons),
    )


def warnings_of(leg: Leg) -> tuple[str, ...]:
    """What a sender should know before sending it: that nobody would read it now."""
    name = PILLARS[leg.pillar].name
    if not leg.people:
        where = label_of(leg.area)
        return (
            (
                f"Belum ada petugas {name} yang dapat dihubungi di {where}. "
                "Rujukan akan menunggu sampai ada petugas."
            ),
        )
    if all(one.absent and one.stand_in_id is None for one in leg.people):
        return (
            (
                f"Semua petugas {name} di {label_of(leg.area)} sedang berhalangan tanpa pengganti. "
                "Belum tentu ada yang membaca rujukan ini sekarang."
            ),
        )
    return ()
