"""What a coordinator's board counts: open work by key, and how long answers and ends took."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.cases.storage.queries import COLUMNS
from services.cases.storage.stretches import shared_area, stems, watched_areas
from services.cases.storage.tables import referrals
from shared.auth import AREA_END, Actor
from shared.database import Tx
from shared.policy import Action, predicate
from shared.reference.areas import LENGTH_OF, Level, level_of

PAST: Final = timedelta(days=30)
"""How far back reply and completion times look."""
SAMPLE: Final = 2000
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
    oldest: datetime | None = None
    """When the oldest of them was sent."""
    reply: Times | None = None
    completion: Times | None = None


async def board(tx: Tx, actor: Actor, *, area: str | None, by: By) -> list[Line]:
    """The open referrals in the caller's charge, counted by key; the total stands first."""
    key = _key(actor, area, by)
    lines = await _counts(tx, in_charge(actor, area), key)
    # Where a referral stands now says nothing about how long an answer took.
    timed = None if by is By.STATUS else key
    replies = await _times(tx, actor, area, timed, _r.replied_at, _r.replied_at.is_not(None))
    completions = await _times(tx, actor, area, timed, _r.ended_at, _COMPLETED)
    keys = sorted({*lines, *replies, *completions} - {None}, key=str)
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


def _key(actor: Actor, area: str | None, by: By) -> sa.ColumnElement[Any]:
    """The column of the lines; for areas that of the level below the one asked about."""
    if by is not By.AREA:
        return _r[by.value]
    whole = area or shared_area(watched_areas(actor, Action.BOARD_READ, None))
    if whole is None:
        return _cut(Level.PROVINCE)
    if level_of(whole) is Level.PROVINCE:
        return _cut(Level.REGENCY)
    return _cut(Level.DISTRICT) if level_of(whole) is Level.REGENCY else _r.area


def _cut(level: Level) -> sa.ColumnElement[Any]:
    """The area up to a level; computed from the one column the index holds."""
    return sa.func.left(_r.area, sa.literal_column(str(LENGTH_OF[level])))


async def _counts(
    tx: Tx, charged: sa.ColumnElement[bool], key: sa.ColumnElement[Any]
) -> Mapping[str | None, Line]:
    both = sa.func.grouping_sets(sa.tuple_(key), sa.tuple_())
    found = await tx.execute(
        sa.select(
            key.label("key"),
            sa.func.count().label("open"),
            sa.func.count().filter(_r.due_key < tx.now).label("overdue"),
            sa.func.count().filter(~_r.calm).label("escalated"),
            sa.func.min(_r.sent_at).label("oldest"),
        )
        .where(OPEN, charged)
        .group_by(both)
    )
    return {row["key"]: Line(**row) for row in found.mappings()}


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
