"""What a coordinator's board counts: open work by key, and how long answers and ends took.

Two statements, fixed but for the key and the number of the caller's reaches: built anew for every
request they took three times as long as all the rest of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Final

from services.cases.storage.open_counts import AGED_SQL, COUNTED_SQL
from services.cases.storage.stretches import narrowed, shared_area, stems
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action, Reach
from shared.reference.areas import LENGTH_OF, Level
from shared.reference.pillars import PILLARS

PAST: Final = timedelta(days=30)
"""How far back reply and completion times look."""
SAMPLE: Final = 300
"""Of how many answers of a pillar in a kabupaten, the latest, a median is taken, and of how many of
all pillars for the total: it is as good as that of all, a board costs the same however many there
were, and a pillar that answers thousands in a disaster leaves the others their line."""


class By(StrEnum):
    """What a board's lines stand for."""

    STATUS = "status"
    PILLAR = "pillar"
    AREA = "area"
    URGENCY = "urgency"
    AGE = "age"
    """How many days ago it was sent, by the calendar of western Indonesia."""


AGES: Final[Mapping[str, int | None]] = {
    "under_1_day": 1,
    "1_to_3_days": 3,
    "3_to_7_days": 7,
    "7_to_30_days": 30,
    "over_30_days": None,
}
"""The ages a board tells apart, youngest first, and below how many days each is; the last has no
end."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took in the last 30 days, in seconds."""

    count: int
    """How many were looked at."""
    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Line:
    """What is open under one key; the key None stands for all of it."""

    key: str | None
    open: int = 0
    overdue: int = 0
    escalated: int = 0
    reply: Times | None = None
    completion: Times | None = None


def _ago(span: timedelta) -> str:
    """The moment so long ago, which the statement works out once."""
    return f"(select now() - interval '{span.total_seconds():.0f} seconds')"


def _day(ago: int) -> str:
    """When the day so many days ago began, which the statement works out once."""
    return f"(select date_trunc('day', now(), 'Asia/Jakarta') - interval '{ago} days')"


_OPEN: Final = "r.status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')"
_STEM: Final = "unnest((select $1::text[])) as stem (code)"
_EACH_PILLAR: Final = "unnest(array['" + "', '".join(PILLARS) + "']) as pillar (code)"
_REACH: Final = """(
    r.area >= (select ${0}::text) and r.area < (select ${0}::text || '/')
    and ((select ${1}::text) is null or r.pillar = (select ${1}::text))
    and ((select ${2}::boolean) or r.organisation_id is null
         or r.organisation_id = (select ${3}::uuid))
)"""
"""The rows of one reach. Values stand in subselects, so that the planner keeps one plan for all of
them, see `worklists`."""
_KEPT: Final = f"""
    select {{key}} as key, r.open, 0 as overdue, r.escalated
    from {_STEM} join ({{counts}}) r on r.regency = stem.code
    where {{charged}}
    union all
    select late.key, 0, late.count, 0
    from {_STEM}
    cross join {_EACH_PILLAR}
    cross join unnest(array[false, true]) as side (calm)
    cross join lateral (
        select {{key}} as key, count(*)::integer as count from referrals r
        where {_OPEN} and r.regency = stem.code and r.pillar = pillar.code and r.calm = side.calm
          and r.due_key < now() and {{charged}}
        group by 1
    ) late
"""  # noqa: S608 - our own words
"""What is kept, added up; what is late alone is counted, pillar by pillar at the head of the
index."""
_NOW: Final = f"""
    select {{key}} as key, 1 as open, (r.due_key < now())::integer as overdue,
           (not r.calm)::integer as escalated
    from {_STEM} join referrals r on r.regency = stem.code
    where {_OPEN} and {{charged}}
"""  # noqa: S608 - our own words
_SHARES: Final = "percentile_cont(array[0.5, 0.9]) within group (order by seconds)"
_TIMES: Final = f"""
    select '{{what}}' as what, {{shown}} as key,
           case when {{is_total}} then count(*) filter (where newest <= {{sample}})
                else count(*) end as count,
           case when {{is_total}} then {_SHARES} filter (where newest <= {{sample}})
                else {_SHARES} end as shares
    from (
        select latest.*,
               row_number() over (partition by stem.code order by latest.until desc) as newest
        from {_STEM} cross join {_EACH_PILLAR} cross join lateral (
            select {{key}} as key, extract(epoch from r.{{end}} - r.sent_at) as seconds,
                   r.{{end}} as until
            from referrals r
            where r.regency = stem.code and r.pillar = pillar.code and {{which}}
              and r.{{end}} >= {_ago(PAST)} and {{charged}}
            order by r.{{end}} desc limit {{sample}}
        ) latest
    ) latest
    group by grouping sets ({{sets}}) having count(*) > 0
"""  # noqa: S608 - our own words


async def board(tx: Tx, actor: Actor, *, area: str | None, by: By) -> list[Line]:
    """The open referrals in the caller's charge, counted by key; the total stands first."""
    charge = narrowed(actor, Action.BOARD_READ, area)
    watched = [reach.area for reach in charge]
    key = _key(by, area or shared_area(watched))
    # Where a referral stands now says nothing about how long an answer took.
    timed = None if by in {By.STATUS, By.AGE} else key
    values = [stems(watched), *_values(charge)]
    counts = _kept(by, max(map(len, watched), default=0))
    counted = await tx.fetch(_lines_sql(key, len(charge), counts), *values)
    lines = {row["key"]: Line(**row) for row in counted}
    times: dict[str, dict[str | None, Times]] = {"reply": {}, "completion": {}}
    for row in await tx.fetch(_times_sql(timed, len(charge)), *values):
        times[row["what"]][row["key"]] = Times(row["count"], *row["shares"])
    found = {*lines, *times["reply"], *times["completion"]} - {None}
    keys = [one for one in AGES if one in found] if by is By.AGE else sorted(found, key=str)
    return [
        replace(
            lines.get(one) or Line(one),
            reply=times["reply"].get(one),
            completion=times["completion"].get(one),
        )
        for one in (None, *keys)
    ]


def _key(by: By, whole: str | None) -> str:
    """The column of the lines; for areas that of the level below the one asked about."""
    match by:
        case By.AREA:
            levels = [length for length in LENGTH_OF.values() if length > len(whole or "")]
            # Computed from the one column the indexes hold.
            return f"left(r.area, {min(levels, default=LENGTH_OF[Level.VILLAGE])})"
        case By.AGE:
            *ends, last = AGES.items()
            whens = [
                f"when r.sent_at >= {_day(days - 1)} then '{age}'" for age, days in ends if days
            ]
            return f"case {' '.join(whens)} else '{last[0]}' end"
        case _:
            return f"r.{by.value}"


def _kept(by: By, finest: int) -> str | None:
    """The counts that are kept by this key, for areas no finer than of this length."""
    # Within a kecamatan there are few enough to count them.
    match by:
        case By.AGE:
            return AGED_SQL if finest <= LENGTH_OF[Level.REGENCY] else None
        case By.AREA:
            return COUNTED_SQL if finest < LENGTH_OF[Level.DISTRICT] else None
        case _:
            return COUNTED_SQL if finest <= LENGTH_OF[Level.DISTRICT] else None


def _values(charge: Sequence[Reach]) -> list[object]:
    return [
        value
        for reach in charge
        for value in (reach.area, reach.pillar, reach.any_organisation, reach.organisation_id)
    ]


def _charged(reaches: int) -> str:
    """The rows in any of so many reaches; special services too, which are counted for all."""
    firsts = range(2, 2 + 4 * reaches, 4)
    return f"({' or '.join(_REACH.format(*range(one, one + 4)) for one in firsts) or 'false'})"


@cache
def _lines_sql(key: str, reaches: int, counts: str | None) -> str:
    rows = (_KEPT if counts else _NOW).format(key=key, charged=_charged(reaches), counts=counts)
    return f"""
        select key, sum(open) as open, sum(overdue) as overdue, sum(escalated) as escalated
        from ({rows}) one group by grouping sets ((key), ()) having sum(open) > 0
    """  # noqa: S608 - our own words


@cache
def _times_sql(key: str | None, reaches: int) -> str:
    """How long it took from sending to the first answer and to the end: by key and for all."""
    shown, sets, is_total = "null::text", "()", "true"
    if key is not None:
        shown, sets, is_total = "latest.key", "(latest.key), ()", "grouping(latest.key) = 1"
    return " union all ".join(
        _TIMES.format(
            what=what, shown=shown, sets=sets, is_total=is_total, key=key or shown, end=end,
            which=which, charged=_charged(reaches), sample=SAMPLE,
        )
        for what, end, which in (
            ("reply", "replied_at", "r.replied_at is not null"),
            ("completion", "ended_at", "r.status = 'completed'"),
        )
    )  # fmt: skip
