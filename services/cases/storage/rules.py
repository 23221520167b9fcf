"""The routing rules: their versions as rows, and those in force kept in memory for planning."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.cases.domain.routing import Rule, in_force
from shared.contracts.codes import Confidentiality, Urgency
from shared.database import Tx
from shared.reference.areas import parents

_AREAS_KEPT: Final = 10_000
"""Rule sets are the same tuple objects for most villages, so keeping them costs little."""
# The newest version of each area, by commit and not by the clock: a transaction that began before
# a change but reads after it must not keep the old rules under the new stamp.
_CURRENT_SQL: Final = """
    select * from routing_rules where valid_to is null order by priority, id, area
"""
_VERSIONS_SQL: Final = """
    select * from routing_rules where area = any($1::text[]) and ($2::text is null or id = $2)
    order by priority, id, version desc, length(area) desc
"""
_LOCK_SQL: Final = "select pg_advisory_xact_lock(hashtextextended('cases:rule:' || $1::text, 0))"
_CHANGE_SQL: Final = """
    with ended as (
        update routing_rules set valid_to = now() where id = $1 and area = $2 and valid_to is null
    )
    insert into routing_rules (
        id, area, version, priority, category, situation, condition, primary_pillar,
        supporting_pillars, external_services, urgency, confidentiality, reply_minutes, act_hours,
        close_days, working, flags, rationale, retired, author_id, valid_from,
        level, escalate_to)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20, now(), $21, $22)
"""


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule as it held from one moment to another; who wrote it, None for the defaults."""

    rule: Rule
    author_id: UUID | None
    valid_from: datetime
    valid_to: datetime | None


class RuleBook:
    """Answers the rules in force; `stamp` is what the database says changes with them."""

    def __init__(self) -> None:
        self._stamp: str | None = None
        self._rules: tuple[Rule, ...] = ()
        self._of_area: dict[str, tuple[Rule, ...]] = {}

    async def current(self, tx: Tx, stamp: str, area: str) -> tuple[Rule, ...]:
        """The rules of the area by priority; read again only when the stamp is new."""
        if stamp != self._stamp:
            self._rules = await current(tx)
            self._of_area = {}
            self._stamp = stamp
        if area not in self._of_area:
            if len(self._of_area) == _AREAS_KEPT:
                self._of_area = {}
            self._of_area[area] = in_force(self._rules, area)
        return self._of_area[area]


async def current(tx: Tx) -> tuple[Rule, ...]:
    """The newest version of every rule for every area."""
    return tuple(rule_of(row) for row in await tx.fetch(_CURRENT_SQL))


async def versions(tx: Tx, area: str, rule_id: str | None = None) -> list[RuleVersion]:
    """Every version that ever held in the area, of one rule or of all, the newest first."""
    rows = await tx.fetch(_VERSIONS_SQL, ["", *parents(area)], rule_id)
    return [
        RuleVersion(rule_of(row), row["author_id"], row["valid_from"], row["valid_to"])
        for row in rows
    ]


async def lock(tx: Tx, rule_id: str) -> None:
    """Wait until nobody else is changing this rule; read it after that, not before."""
    await tx.fetch(_LOCK_SQL, rule_id)


async def add(tx: Tx, rule: Rule, author_id: UUID) -> None:
    """Let a new version hold in its area from now on; the one before it ends."""
    await tx.fetch(
        _CHANGE_SQL,
        rule.id,
        rule.area,
        rule.version,
        rule.priority,
        rule.category,
        rule.situation,
        rule.condition,
        rule.primary,
        rule.supporting,
        rule.external_services,
        rule.urgency,
        rule.confidentiality,
        rule.reply_minutes,
        rule.act_hours,
        rule.close_days,
        rule.working,
        rule.flags,
        rule.rationale,
        rule.retired,
        author_id,
        rule.level,
        rule.escalate_to,
    )


def rule_of(row: Any) -> Rule:
    """A rule from its row."""
    return Rule(
        id=row["id"],
        priority=row["priority"],
        category=row["category"],
        situation=row["situation"],
        condition=row["condition"],
        primary=row["primary_pillar"],
        supporting=tuple(row["supporting_pillars"]),
        external_services=tuple(row["external_services"]),
        urgency=Urgency(row["urgency"]),
        confidentiality=Confidentiality(row["confidentiality"]),
        reply_minutes=row["reply_minutes"],
        act_hours=row["act_hours"],
        close_days=row["close_days"],
        flags=tuple(row["flags"]),
        rationale=row["rationale"],
        working=row["working"],
        area=row["area"],
        version=row["version"],
        retired=row["retired"],
        level=row["level"],
        escalate_to=row["escalate_to"],
    )
