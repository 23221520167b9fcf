"""What a coordinator's board counts: open work by key, and how long answers and ends took."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.cases.storage.open_counts import COUNTED
from services.cases.storage.queries import COLUMNS
from services.cases.storage.stretches import shared_area, stems, watched_areas
from services.cases.storage.tables import referrals
from shared.auth import AREA_END, Actor
from shared.database import Tx
from shared.policy import Action
from shared.predicates import Columns, predicate
from shared.reference.areas import LENGTH_OF, Level, level_of
from shared.reference.pillars import PILLARS

PAST: Final = timedelta(days=30)
"""How far back reply and completion times look."""
SAMPLE: Final = 1000
"""Of how many answers of a kabupaten, the latest, a median is taken: it is as good as that of all,
and a board costs the same however many there were."""
OPEN: Final = sa.text(
    "referrals.status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')"
)
"""In the words of the partial index, so that the planner sees that it fits."""
_COMPLETED: Final = sa.text("referrals.status = 'completed'")
_SHARES: Final = sa.literal([0.5, 0.9], ARRAY(sa.Float))
_r: Final = referrals.c


class By(StrEnum):
    """What a board's lines stand for."""

    STATUS = "status"
    PILLAR = "pillar"
    AREA = "area"
    URGENCY = "urgency"
    AGE = "age"
    """How long ago it was sent."""


AGES: Final[Mapping[str, timedelta | None]] = {
    "under_1_day": timedelta(days=1),
    "1_to_3_days": timedelta(days=3),
    "3_to_7_days": timedelta(days=7),
    "7_to_30_days": timedelta(days=30),
    "over_30_days": None,
}
"""The ages a board tells apart, youngest first, and below what each is; the last has no end."""


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


async def board(tx: Tx, actor: Actor, *, area: str | None, by: By) -> list[Line]:
    """The open referrals in the caller's charge, counted by key; the total stands first."""
    key = _key(actor, area, by, tx.now)
    lines = await _lines(tx, actor, area, by, key)
    # Where a referral stands now says nothing about how long an answer took.
    timed = None if by in {By.STATUS, By.AGE} else key
    replies = await _times(tx, actor, area, timed, _r.replied_at, _r.replied_at.is_not(None))
    completions = await _times(tx, actor, area, timed, _r.ended_at, _COMPLETED)
    found = {*lines, *replies, *completions} - {None}
    keys = [one for one in AGES if one in found] if by is By.AGE else sorted(found, key=str)
    return [
        replace(
            lines.get(one) or Line(one), reply=replies.get(one), completion=completions.get(one)
        )
        for one in (None, *keys)
    ]


def in_charge(actor: Actor, area: str | None, pillar: str | None = None) -> sa.ColumnElement[bool]:
    """The referrals whose board the caller reads, inside an area and of a pillar if given."""
    parts = [
        _r.regency == sa.any_(sa.literal(_stems(actor, area), ARRAY(sa.Text))),
        _charged(actor, area),
    ]
    if pillar is not None:
        parts.append(_r.pillar == pillar)
    return sa.and_(*parts)


def within(column: sa.ColumnElement[Any], area: str) -> sa.ColumnElement[bool]:
    """The column's area is this one or lies in it."""
    return sa.and_(column >= area, column < area + AREA_END)


def _charged(actor: Actor, area: str | None) -> sa.ColumnElement[bool]:
    mine = predicate(actor, Action.BOARD_READ, COLUMNS)
    return mine if area is None else sa.and_(mine, within(_r.area, area))


def _stems(actor: Actor, area: str | None) -> list[str]:
    return stems(watched_areas(actor, Action.BOARD_READ, area))


def _key(actor: Actor, area: str | None, by: By, now: datetime) -> sa.ColumnElement[Any]:
    """The column of the lines; for areas that of the level below the one asked about."""
    match by:
        case By.AREA:
            return _level_below(actor, area, _r.area)
        case By.AGE:
            ends = [(_r.sent_at > now - span, age) for age, span in AGES.items() if span]
            return sa.case(*ends, else_=list(AGES)[-1])
        case _:
            return _r[by.value]


def _level_below(
    actor: Actor, area: str | None, column: sa.ColumnElement[Any]
) -> sa.ColumnElement[Any]:
    whole = area or shared_area(watched_areas(actor, Action.BOARD_READ, None))
    if whole is None:
        return _cut(column, Level.PROVINCE)
    if level_of(whole) is Level.PROVINCE:
        return _cut(column, Level.REGENCY)
    return _cut(column, Level.DISTRICT) if level_of(whole) is Level.REGENCY else column


def _cut(column: sa.ColumnElement[Any], level: Level) -> sa.ColumnElement[Any]:
    """The area up to a level; computed from the one column the index holds."""
    return sa.func.left(column, sa.literal_column(str(LENGTH_OF[level])))


async def _lines(
    tx: Tx, actor: Actor, area: str | None, by: By, key: sa.ColumnElement[Any]
) -> dict[str | None, Line]:
    watched = watched_areas(actor, Action.BOARD_READ, area)
    finest = max(map(len, watched), default=0)
    if (
        by is By.AGE
        or finest > LENGTH_OF[Level.DISTRICT]
        or (by is By.AREA and finest == LENGTH_OF[Level.DISTRICT])
    ):
        # Within a kecamatan there are few enough to count them; an age is true for a moment only.
        return await _counted_now(tx, in_charge(actor, area), key)
    late = await _overdue(tx, actor, area, key)
    return {
        one: replace(line, overdue=late.get(one, 0))
        for one, line in (await _counted_before(tx, actor, area, by)).items()
    }


async def _counted_now(
    tx: Tx, charged: sa.ColumnElement[bool], key: sa.ColumnElement[Any]
) -> dict[str | None, Line]:
    one = sa.select(key.label("key"), _r.due_key, _r.calm).where(OPEN, charged).subquery("one")
    found = await tx.execute(
        sa.select(
            one.c.key,
            sa.func.count().label("open"),
            sa.func.count().filter(one.c.due_key < tx.now).label("overdue"),
            sa.func.count().filter(~one.c.calm).label("escalated"),
        ).group_by(_by_key_and_all(one.c.key))
    )
    return {row["key"]: Line(**row) for row in found.mappings()}


async def _counted_before(tx: Tx, actor: Actor, area: str | None, by: By) -> dict[str | None, Line]:
    c = COUNTED.c
    columns = Columns(area=c.area, pillar=c.pillar, organisation_id=c.organisation_id)
    key = c[by.value] if by is not By.AREA else _level_below(actor, area, c.area)
    found = await tx.execute(
        sa.select(
            key.label("key"),
            sa.func.sum(c.open).label("open"),
            sa.func.sum(c.escalated).label("escalated"),
        )
        .where(
            c.regency == sa.any_(sa.literal(_stems(actor, area), ARRAY(sa.Text))),
            predicate(actor, Action.BOARD_READ, columns),
            sa.true() if area is None else within(c.area, area),
        )
        .group_by(_by_key_and_all(key))
    )
    rows = [row for row in found.mappings() if row["open"] or row["key"] is None]
    return {
        row["key"]: Line(row["key"], row["open"] or 0, 0, row["escalated"] or 0) for row in rows
    }


async def _overdue(
    tx: Tx, actor: Actor, area: str | None, key: sa.ColumnElement[Any]
) -> dict[str | None, int]:
    """What is late alone, found pillar by pillar at the head of the index."""
    stem = _rows("stem", _stems(actor, area), sa.Text)
    pillar = _rows("one_pillar", list(PILLARS), sa.Text)
    calm = _rows("one_calm", [False, True], sa.Boolean)
    late = (
        sa.select(key.label("key"))
        .where(
            OPEN,
            _r.regency == stem.c.code,
            _r.pillar == pillar.c.code,
            _r.calm == calm.c.code,
            _r.due_key < tx.now,
            _charged(actor, area),
        )
        .lateral("late")
    )
    found = await tx.execute(
        sa.select(late.c.key, sa.func.count().label("late"))
        .select_from(stem.join(pillar, sa.true()).join(calm, sa.true()).join(late, sa.true()))
        .group_by(_by_key_and_all(late.c.key))
    )
    return {row.key: row.late for row in found}


def _rows(
    name: str, values: list[Any], kind: type[sa.types.TypeEngine[Any]]
) -> sa.TableValuedAlias:
    array = sa.func.unnest(sa.literal(values, ARRAY(kind)))
    return array.table_valued("code").render_derived(name)


def _by_key_and_all(key: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.grouping_sets(sa.tuple_(key), sa.tuple_())


async def _times(
    tx: Tx,
    actor: Actor,
    area: str | None,
    key: sa.ColumnElement[Any] | None,
    end: sa.ColumnElement[Any],
    which: sa.ColumnElement[bool] | sa.TextClause,
) -> Mapping[str | None, Times]:
    """How long it took from sending to `end`, by key and for all keys together."""
    where = sa.func.unnest(sa.literal(_stems(actor, area), ARRAY(sa.Text)))
    stem = where.table_valued("code").render_derived("stem")
    latest = (
        sa.select(
            (sa.null() if key is None else key).label("key"),
            sa.extract("epoch", end - _r.sent_at).label("seconds"),
        )
        .where(_r.regency == stem.c.code, which, end >= tx.now - PAST, _charged(actor, area))
        .order_by(end.desc())
        .limit(SAMPLE)
        .lateral("latest")
    )
    shown = latest.c.key
    sets = [sa.tuple_()] if key is None else [sa.tuple_(shown), sa.tuple_()]
    found = await tx.execute(
        sa.select(
            (sa.null() if key is None else shown).label("key"),
            sa.func.count().label("count"),
            sa.func.percentile_cont(_SHARES).within_group(latest.c.seconds).label("shares"),
        )
        .select_from(stem.join(latest, sa.true()))
        .group_by(sa.func.grouping_sets(*sets))
    )
    return {
        row["key"]: Times(row["count"], *(float(one) for one in row["shares"]))
        for row in found.mappings()
        if row["count"]
    }
