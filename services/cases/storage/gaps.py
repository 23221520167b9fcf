"""What nobody is on: needs in areas without a duty of the pillar, and cases that stand still."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.cases.storage.queries import COLUMNS, OPEN, in_charge, within
from services.cases.storage.stretches import stems, watched_areas
from services.cases.storage.tables import (
    cases,
    known_duties,
    known_workers,
    planned_legs,
    referrals,
)
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action
from shared.predicates import predicate
from shared.reference.areas import LENGTH_OF

LONGEST: Final = 100
"""How many of each are listed, the worst first."""
WIDEST: Final = 5
"""Through how many kabupaten it is looked for idle cases at once."""
TODAY: Final = sa.text("(now() at time zone 'Asia/Jakarta')::date")
_r: Final = referrals.c


async def gaps(tx: Tx, actor: Actor, *, area: str | None) -> list[Any]:
    """Where a pillar has open need and nobody with a duty in force; most need first."""
    need = (
        sa.select(
            _r.pillar,
            _r.area,
            sa.func.count().label("open"),
            sa.func.min(_r.sent_at).label("oldest"),
        )
        .where(OPEN, in_charge(actor, area))
        .group_by(_r.pillar, _r.area)
        .cte("need")
    )
    duty = (
        sa.select(known_duties.c.pillar, known_duties.c.area)
        .distinct()
        .join(known_workers, known_workers.c.worker_id == known_duties.c.worker_id)
        .where(known_workers.c.active, known_duties.c.role.in_(("worker", "dinsos")), in_force())
        .cte("duty")
    )
    uncovered = [
        # One level at a time, so that each can be answered by hashing.
        ~sa.exists().where(
            duty.c.pillar == need.c.pillar, duty.c.area == sa.func.left(need.c.area, length)
        )
        for length in LENGTH_OF.values()
    ]
    found = await tx.execute(
        sa.select(need)
        .where(*uncovered)
        .order_by(need.c.open.desc(), need.c.pillar, need.c.area)
        .limit(LONGEST)
    )
    return list(found.mappings())


async def idle_cases(tx: Tx, actor: Actor, *, area: str | None) -> list[Any] | None:
    """Open cases for which no referral is open or waits to be sent; the oldest first.

    None where there would be a province to look through, which takes seconds.
    """
    c, p = cases.c, planned_legs.c
    areas = watched_areas(actor, Action.BOARD_READ, area)
    regencies = stems(areas)
    if len(regencies) > WIDEST:
        return None
    near = sa.literal(regencies, ARRAY(sa.Text))
    # Nearly all open cases have a referral here: these are left out in one go, by hashing.
    still = (
        sa.select(c.id, c.number, c.area, c.phase, c.opened_at)
        .where(
            c.is_open,
            sa.or_(sa.false(), *(within(c.area, one) for one in areas)),
            ~sa.exists().where(_r.case_id == c.id, OPEN, _r.regency == sa.any_(near)),
        )
        .cte("still")
        .prefix_with("materialized")
    )
    mine = sa.select(_r.id).where(
        _r.case_id == still.c.id, predicate(actor, Action.BOARD_READ, COLUMNS)
    )
    found = await tx.execute(
        sa.select(still)
        .where(
            sa.exists(mine),
            ~sa.exists().where(_r.case_id == still.c.id, OPEN),
            ~sa.exists().where(
                p.case_id == still.c.id, p.referral_id.is_(None), p.dropped_at.is_(None)
            ),
        )
        .order_by(still.c.opened_at, still.c.id)
        .limit(LONGEST)
    )
    return list(found.mappings())


def in_force() -> sa.ColumnElement[bool]:
    """The known duty holds today, by Western Indonesian Time."""
    d = known_duties.c
    return sa.and_(d.starts_on <= TODAY, sa.or_(d.ends_on.is_(None), d.ends_on >= TODAY))
