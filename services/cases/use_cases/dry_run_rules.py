"""Try a changed rule set on a past period; changes nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from services.cases.domain.dry_run import Comparison, Directory, compare
from services.cases.domain.routing import Rule, narrowest
from services.cases.domain.rule_change import RuleChange, UnknownRule, changed, with_changed
from services.cases.storage import known, past_needs, rules
from services.cases.use_cases.rule_office import office_area
from shared.auth import Actor
from shared.database import Tx
from shared.errors import RuleViolated
from shared.reference.working_days import zone_of

MOST: Final = 20_000
"""Referrals looked at; of a longer period the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What shall be tried on which rule, and the period; `area` as in `change_rule`.

    A day begins and ends by the clock of the area; the last one counts whole.
    """

    changes: Sequence[tuple[str, RuleChange]]
    start: datetime | date
    end: datetime | date
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it, and where; `is_whole` when no referral of the period was left out."""

    area: str
    comparison: Comparison
    is_whole: bool


class PeriodUpsideDown(RuleViolated):
    """A period ends after it begins."""

    code = "period-upside-down"
    title = "Akhir masa harus sesudah awalnya"
    title_en = "The period ends before it begins"


async def dry_run_rules(command: DryRun, *, tx: Tx, actor: Actor) -> Tried:
    """What the changes would have done to the primary referrals of the area and period.

    The counts include needs that only named persons may know of: they say nothing about anybody.
    """
    where = office_area(actor, command.area)
    start, end = _moment(command.start, where), _moment(command.end, where, days=1)
    if not start < end:
        raise PeriodUpsideDown(pointer="/to")
    present = await rules.current(tx)
    proposed = with_changed(present, _changed(command, present, where))
    past = await past_needs.sent_between(tx, where, start, end, limit=MOST + 1)
    directory = Directory(await known.serving(tx, where))
    # Seconds of computing would hold up every other request of this process.
    found = await asyncio.to_thread(compare, past[:MOST], present, proposed, directory)
    return Tried(where, found, is_whole=len(past) <= MOST)


def _changed(command: DryRun, present: tuple[Rule, ...], area: str) -> list[Rule]:
    in_area = {rule.id: rule for rule in narrowest(present, area)}
    new = []
    for index, (rule_id, change) in enumerate(command.changes):
        if rule_id not in in_area:
            raise UnknownRule(f"/rules/{index}/id")
        new.append(changed(in_area[rule_id], change, area, pointer=f"/rules/{index}"))
    return new


def _moment(given: datetime | date, area: str, days: int = 0) -> datetime:
    if isinstance(given, datetime):
        return given
    return datetime.combine(given, time.min, zone_of(area)) + timedelta(days=days)
