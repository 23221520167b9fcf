"""Shapes of routing rules, their changes and dry runs, as they cross HTTP."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from services.cases.api.bodies import AreaCode, Code
from services.cases.domain.dry_run import Comparison, Course, Difference
from services.cases.domain.routing import Rule
from services.cases.domain.rule_change import RuleChange
from services.cases.storage.rules import RuleVersion
from services.cases.use_cases.dry_run_rules import DryRun, Tried
from shared.contracts.codes import Confidentiality, Urgency
from shared.http import Input

AnyOrCode = Annotated[
    str, StringConstraints(min_length=1, max_length=60, pattern=r"^(\*|[A-Z0-9_]+)$")
]
RuleId = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^[A-Z0-9]+$")]
Codes = Annotated[tuple[Code, ...], Field(max_length=20)]

Moment = Annotated[AwareDatetime | date, Field(union_mode="left_to_right")]

MOST_DAYS: Final = 730
MOST_RULES: Final = 200


class RuleFieldsIn(Input):
    """A rule as it shall be; a field left out stays as it is."""

    priority: Annotated[int, Field(ge=1, le=9999)] | None = None
    category: AnyOrCode | None = None
    situation: AnyOrCode | None = None
    condition: Annotated[str, StringConstraints(max_length=60)] | None = None
    pillar: Code | None = None
    supporting: Codes | None = None
    external_services: Codes | None = None
    urgency: Urgency | None = None
    confidentiality: Confidentiality | None = None
    reply_minutes: Annotated[int, Field(ge=1, le=MOST_DAYS * 24 * 60)] | None = None
    act_hours: Annotated[int, Field(ge=1, le=MOST_DAYS * 24)] | None = None
    close_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    working: bool | None = None
    flags: Codes | None = None
    rationale: Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")] | None = (
        None
    )
    retired: bool | None = None

    def change(self) -> RuleChange:
        """The change behind the request."""
        given = self.model_dump(exclude={"id", "area", "pillar"})
        return RuleChange(primary=self.pillar, **given)


class RuleIn(RuleFieldsIn):
    """A change, and for which of the caller's areas."""

    area: AreaCode | None = None


class TriedRuleIn(RuleFieldsIn):
    """A change to be tried."""

    id: RuleId


class DryRunIn(Input):
    """Which changes to try on which period, of moments or of whole days."""

    rules: Annotated[tuple[TriedRuleIn, ...], Field(max_length=MOST_RULES)]
    start: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment, Field(alias="to")]
    area: AreaCode | None = None

    def command(self) -> DryRun:
        """The command behind the request."""
        changes = tuple((rule.id, rule.change()) for rule in self.rules)
        return DryRun(changes=changes, start=self.start, end=self.end, area=self.area)


class RuleOut(BaseModel):
    """A rule as it holds in an area; `area` is where it comes from, None for the defaults."""

    id: str
    version: int
    area: str | None
    priority: int
    category: str
    situation: str
    condition: str
    pillar: str
    supporting: tuple[str, ...]
    external_services: tuple[str, ...]
    urgency: Urgency
    confidentiality: Confidentiality
    reply_minutes: int
    act_hours: int
    close_days: int
    working: bool
    flags: tuple[str, ...]
    rationale: str
    retired: bool
    level: str
    escalate_to: str
    author_id: UUID | None
    """Who changed it; None for the defaults."""
    valid_from: datetime
    valid_to: datetime | None
    versions: list["RuleOut"] | None = None
    """Every version that ever held in the area, newest first; only when asked for."""

    @classmethod
    def of(cls, version: RuleVersion, versions: list[RuleVersion] | None = None) -> Self:
        """From a version, with all others when they are given."""
        rule = version.rule
        return cls(
            id=rule.id,
            version=rule.version,
            area=rule.area or None,
            pillar=rule.primary,
            **{name: getattr(rule, name) for name in _SAME},
            author_id=version.author_id,
            valid_from=version.valid_from,
            valid_to=version.valid_to,
            versions=None if versions is None else [cls.of(one) for one in versions],
        )


_SAME = (
    "priority", "category", "situation", "condition", "supporting", "external_services",
    "urgency", "confidentiality", "reply_minutes", "act_hours", "close_days", "working", "flags",
    "rationale", "retired", "level", "escalate_to",
)  # fmt: skip


class RulesOut(BaseModel):
    """The rules of one area by priority."""

    area: str
    items: list[RuleOut]
    next: None = None


class CourseOut(BaseModel):
    """Where a need goes, and until when somebody must have replied, begun and finished."""

    rule_id: str
    pillar: str
    urgency: Urgency
    confidentiality: Confidentiality
    reply_minutes: int
    act_hours: int
    close_days: int
    working: bool
    supporting: tuple[str, ...]
    external_services: tuple[str, ...]
    flags: tuple[str, ...]

    @classmethod
    def of(cls, course: Course) -> Self:
        """From a course."""
        limits = course.limits
        return cls(
            rule_id=course.rule_id,
            pillar=course.pillar,
            urgency=course.urgency,
            confidentiality=course.confidentiality,
            reply_minutes=limits.reply // timedelta(minutes=1),
            act_hours=limits.act // timedelta(hours=1),
            close_days=limits.close.days,
            working=limits.working,
            supporting=course.supporting,
            external_services=course.external_services,
            flags=course.flags,
        )


class DifferenceOut(BaseModel):
    """A referral that would have taken another course; of a C3 need nothing that finds it."""

    referral_id: UUID | None
    case_number: str | None
    category: str | None
    situation: str | None
    before: CourseOut
    after: CourseOut

    @classmethod
    def of(cls, found: Difference) -> Self:
        """From a difference."""
        past = found.past
        open_facts: dict[str, Any] = {
            "referral_id": past.referral_id,
            "case_number": past.case_number,
            "category": past.category,
            "situation": past.situation,
        }
        return cls(
            **(dict.fromkeys(open_facts) if found.secret else open_facts),
            before=CourseOut.of(found.before),
            after=CourseOut.of(found.after),
        )


class PillarCount(BaseModel):
    """How many referrals a pillar gets by the rules in force, and by the changed ones."""

    pillar: str
    before: int
    after: int


class DryRunOut(BaseModel):
    """What a change would have done to a past period."""

    area: str
    examined: int
    is_whole: bool
    """False when the period holds more; the newest were examined."""
    differing: int
    elsewhere: int
    """Of these, how many would have gone to another pillar."""
    pillars: list[PillarCount]
    items: list[DifferenceOut]

    @classmethod
    def of(cls, tried: Tried) -> Self:
        """From a dry run."""
        found = tried.comparison
        return cls(
            area=tried.area,
            examined=found.examined,
            is_whole=tried.is_whole,
            differing=found.differing,
            elsewhere=found.elsewhere,
            pillars=_per_pillar(found),
            items=[DifferenceOut.of(one) for one in found.shown],
        )


def _per_pillar(found: Comparison) -> list[PillarCount]:
    """The busiest pillar first."""
    counts = [
        PillarCount(pillar=one, before=found.before[one], after=found.after[one])
        for one in found.before.keys() | found.after.keys()
    ]
    return sorted(counts, key=lambda one: (-max(one.before, one.after), one.pillar))


def listed(
    versions: list[RuleVersion], in_area: tuple[Rule, ...], *, with_versions: bool
) -> list[RuleOut]:
    """The rules of an area as answers, from all versions that ever held there."""
    of_rule: dict[str, list[RuleVersion]] = {}
    for one in versions:
        of_rule.setdefault(one.rule.id, []).append(one)
    found = []
    for rule in in_area:
        every = of_rule[rule.id]
        present = next(one for one in every if one.valid_to is None and one.rule == rule)
        found.append(RuleOut.of(present, every if with_versions else None))
    return found
