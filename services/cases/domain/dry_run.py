"""What a changed rule set would have done with the referrals of a past period."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from services.cases.domain.clocks import Limits
from services.cases.domain.legs import Candidate
from services.cases.domain.ranking import TAGANA
from services.cases.domain.routing import Need, Rule, in_force, make_plan
from shared.contracts.codes import Confidentiality, Urgency
from shared.reference.areas import parents

SHOWN: Final = 100
"""Differing referrals that are listed one by one."""


@dataclass(frozen=True, slots=True)
class PastNeed:
    """What was once reported; `secret` when only named persons may know which need it was."""

    referral_id: UUID
    case_number: str
    secret: bool
    category: str
    situation: str
    place: str
    attributes: Mapping[str, object]
    reported_urgency: Urgency | None


@dataclass(frozen=True, slots=True)
class Course:
    """Where a rule set sends a need, how urgent, how confidential, and until when."""

    rule_id: str
    pillar: str
    urgency: Urgency
    confidentiality: Confidentiality
    limits: Limits
    supporting: tuple[str, ...]
    """The pillars the rule asks to help beside; none where named persons alone may know."""
    external_services: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def effect(self) -> tuple[object, ...]:
        """What the people concerned would notice, whichever rule it comes from."""
        return (
            self.pillar,
            self.urgency,
            self.confidentiality,
            self.limits,
            frozenset(self.supporting),
            frozenset(self.external_services),
            frozenset(self.flags),
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """A past need that would have taken another course."""

    past: PastNeed
    before: Course
    after: Course

    @property
    def secret(self) -> bool:
        """Whether the need was, or would have been, for named persons only."""
        return self.past.secret or Confidentiality.C3 in {
            self.before.confidentiality, self.after.confidentiality,
        }  # fmt: skip


@dataclass(slots=True)
class Comparison:
    """The answer: how many were looked at, per pillar before and after, and what differs."""

    examined: int = 0
    differing: int = 0
    elsewhere: int = 0
    """Of the differing ones, how many would have gone to another pillar."""
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    shown: list[Difference] = field(default_factory=list)
    """The first of the differing ones, at most `SHOWN`."""


class Directory:
    """Who holds a duty, found by place."""

    def __init__(self, duties: Iterable[Candidate]) -> None:
        self._by_area: dict[str, list[Candidate]] = {}
        self._units: list[Candidate] = []
        for one in duties:
            self._by_area.setdefault(one.area, []).append(one)
            if one.pillar == TAGANA:
                self._units.append(one)

    def around(self, place: str) -> list[Candidate]:
        """Those whose area holds the place, and every Tagana unit: one may come from afar."""
        near = [one for area in parents(place) for one in self._by_area.get(area, ())]
        return near if any(one.pillar == TAGANA for one in near) else near + self._units


def compare(
    past: Iterable[PastNeed],
    present: Sequence[Rule],
    proposed: Sequence[Rule],
    directory: Directory,
) -> Comparison:
    """What each of two rule sets makes of every past need, with today's directory.

    A pillar that a sender chose by hand is not remembered as such, so the rules alone speak.
    """
    found = Comparison()
    old, new = _Planner(present, directory), _Planner(proposed, directory)
    for one in past:
        before, after = old.course(one), new.course(one)
        found.examined += 1
        found.before[before.pillar] += 1
        found.after[after.pillar] += 1
        if before.effect == after.effect:
            continue
        found.differing += 1
        found.elsewhere += before.pillar != after.pillar
        if len(found.shown) < SHOWN:
            found.shown.append(Difference(one, before, after))
    return found


class _Planner:
    """Plans like `make_plan`, and each kind of need in one place only once."""

    def __init__(self, rules: Sequence[Rule], directory: Directory) -> None:
        self._rules = rules
        self._directory = directory
        self._in_force: dict[str, tuple[Rule, ...]] = {}
        self._known: dict[tuple[object, ...], Course] = {}

    def course(self, past: PastNeed) -> Course:
        """The course of one need."""
        key = (
            past.category, past.situation, past.place, past.reported_urgency,
            *sorted(past.attributes.items()),
        )  # fmt: skip
        if key not in self._known:
            self._known[key] = self._planned(past)
        return self._known[key]

    def _planned(self, past: PastNeed) -> Course:
        place = past.place
        if place not in self._in_force:
            self._in_force[place] = in_force(self._rules, place)
        need = Need(
            past.category, past.situation, place, past.attributes, urgency=past.reported_urgency
        )
        plan = make_plan(self._in_force[place], need, self._directory.around(place))
        return Course(
            plan.rule.id,
            plan.primary.pillar,
            plan.urgency,
            plan.confidentiality,
            plan.rule.limits,
            () if plan.named_only else plan.rule.supporting,
            plan.rule.external_services,
            plan.rule.flags,
        )
