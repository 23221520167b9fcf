"""How much each worker has in hand."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from services.cases.storage.gaps import TODAY, in_force
from services.cases.storage.queries import OPEN, in_charge, within
from services.cases.storage.tables import (
    known_absences,
    known_duties,
    known_workers,
    referrals,
)
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action
from shared.predicates import Columns, predicate

_DUTY_COLUMNS: Final = Columns(
    area=known_duties.c.area,
    pillar=known_duties.c.pillar,
    organisation_id=known_duties.c.organisation_id,
)


@dataclass(frozen=True, slots=True)
class After:
    """Where the last page ended: how much its last worker has in hand, and who that is."""

    open: int
    worker_id: UUID


async def workload(
    tx: Tx,
    actor: Actor,
    *,
    area: str | None,
    pillar: str | None,
    after: After | None,
    limit: int,
) -> list[Any]:
    """The workers in the caller's charge and whoever holds work there, the most laden first.

    Somebody without a pillar here has no duty in force and holds work all the same.
    """
    load = _load(tx, actor, area, pillar)
    duty = _duties(actor, area, pillar)
    a = known_absences.c
    worker = sa.func.coalesce(load.c.worker_id, duty.c.worker_id)
    in_hand = sa.func.coalesce(load.c.open, 0)
    statement = (
        sa.select(
            worker.label("worker_id"),
            duty.c.pillar,
            duty.c.area,
            in_hand.label("open"),
            *(
                sa.func.coalesce(load.c[name], 0).label(name)
                for name in ("held", "waiting", "overdue", "escalated")
            ),
            load.c.next_due_at,
            a.worker_id.is_not(None).label("absent"),
            a.ends_on.label("absent_until"),
            a.stand_in_id,
        )
        .select_from(load)
        .join(duty, duty.c.worker_id == load.c.worker_id, full=True)
        .join(
            known_absences,
            sa.and_(a.worker_id == worker, a.starts_on <= TODAY, a.ends_on >= TODAY),
            isouter=True,
        )
        .order_by(in_hand.desc(), worker)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(
            sa.or_(in_hand < after.open, sa.and_(in_hand == after.open, worker > after.worker_id))
        )
    return list((await tx.execute(statement)).mappings())


def _load(tx: Tx, actor: Actor, area: str | None, pillar: str | None) -> sa.CTE:
    """What is open with each worker: held, or waiting for that one by name."""
    r = referrals.c
    waiting = r.status == "sent"
    worker = sa.case((waiting, r.worker_id), else_=r.holder_id)
    return (
        sa.select(
            worker.label("worker_id"),
            sa.func.count().label("open"),
            sa.func.count().filter(~waiting).label("held"),
            sa.func.count().filter(waiting).label("waiting"),
            sa.func.count().filter(r.due_key < tx.now).label("overdue"),
            sa.func.count().filter(~r.calm).label("escalated"),
            sa.func.min(sa.func.nullif(r.due_key, sa.text("'infinity'"))).label("next_due_at"),
        )
        .where(OPEN, worker.is_not(None), in_charge(actor, area, pillar))
        .group_by(worker)
        .cte("load")
    )


def _duties(actor: Actor, area: str | None, pillar: str | None) -> sa.CTE:
    """One duty in force of each worker in the caller's charge, the widest."""
    d = known_duties.c
    statement = (
        sa.select(d.worker_id, d.pillar, d.area)
        .ext(distinct_on(d.worker_id))
        .join(known_workers, known_workers.c.worker_id == d.worker_id)
        .where(
            known_workers.c.active,
            d.role == "worker",
            in_force(),
            predicate(actor, Action.BOARD_READ, _DUTY_COLUMNS),
        )
        .order_by(d.worker_id, d.area, d.pillar)
    )
    if area is not None:
        statement = statement.where(within(d.area, area))
    if pillar is not None:
        statement = statement.where(d.pillar == pillar)
    return statement.cte("duty")
