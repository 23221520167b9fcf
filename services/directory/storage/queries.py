"""Lists and names: the read side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.directory.domain.duty import HeldDuty
from services.directory.storage.organisations import Organisation
from services.directory.storage.tables import absences, duties, organisations, workers
from services.directory.storage.workers import held_duty
from shared.auth import AREA_END, Actor
from shared.contracts.codes import Role
from shared.database import Tx
from shared.policy import Action
from shared.predicates import Columns, predicate

_DUTY_COLUMNS: Final = Columns(
    area=duties.c.area,
    pillar=duties.c.pillar,
    organisation_id=duties.c.organisation_id,
    owners=(duties.c.worker_id,),
)
_NAMES_SQL: Final = """
    select distinct on (w.id) w.id, w.name, d.pillar, d.area
    from workers w left join duties d on d.worker_id = w.id
    where w.id = any($1)
    order by w.id,
             (d.starts_on <= $2 and (d.ends_on is null or d.ends_on >= $2)) desc nulls last,
             d.starts_on, d.id
"""


@dataclass(frozen=True, slots=True)
class WorkerFilter:
    """What a list of workers is narrowed to; all given conditions hold for one duty."""

    pillar: str | None = None
    area: str | None = None
    role: Role | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class ListedWorker:
    """A worker as a caller sees one: only the duties in the caller's scope."""

    id: UUID
    name: str
    is_active: bool
    duties: list[HeldDuty]
    absent_until: date | None


@dataclass(frozen=True, slots=True)
class ColleagueName:
    """What any worker may know of any other: a name, and where it belongs."""

    id: UUID
    name: str
    pillar: str | None
    area: str | None


async def workers_in_scope(
    tx: Tx, actor: Actor, wanted: WorkerFilter, *, today: date, after: UUID | None, limit: int
) -> list[ListedWorker]:
    """Workers the caller may see, in order of id."""
    mine = predicate(actor, Action.WORKER_READ, _DUTY_COLUMNS)
    matching = sa.and_(duties.c.worker_id == workers.c.id, mine, *_conditions(wanted, today))
    query = (
        sa.select(workers.c.id, workers.c.name, workers.c.active)
        .where(sa.exists().where(matching))
        .order_by(workers.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(workers.c.id > after)
    if not wanted.active:
        query = query.where(~workers.c.active)
    found = (await tx.execute(query)).mappings().all()
    ids = [row["id"] for row in found]
    held = await _duties_of(tx, ids, mine)
    absent = await _absent_until(tx, ids, today)
    return [
        ListedWorker(
            row["id"], row["name"], row["active"], held.get(row["id"], []), absent.get(row["id"])
        )
        for row in found
    ]


async def names_of(tx: Tx, ids: Sequence[UUID], today: date) -> list[ColleagueName]:
    """Names for display, each with the pillar and area of a duty, one in force if there is."""
    return [ColleagueName(**dict(row)) for row in await tx.fetch(_NAMES_SQL, ids, today)]


async def organisations_in_scope(
    tx: Tx, actor: Actor, *, area: str | None, after: UUID | None, limit: int
) -> list[Organisation]:
    """Organisations the caller may see, in order of id."""
    query = (
        sa.select(organisations)
        .where(predicate(actor, Action.ORGANISATION_READ, Columns(area=organisations.c.area)))
        .order_by(organisations.c.id)
        .limit(limit)
    )
    if area is not None:
        query = query.where(_within(organisations.c.area, area))
    if after is not None:
        query = query.where(organisations.c.id > after)
    return [Organisation(**row) for row in (await tx.execute(query)).mappings()]


def _conditions(wanted: WorkerFilter, today: date) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.active:
        conditions.append(sa.or_(duties.c.ends_on.is_(None), duties.c.ends_on >= today))
    if wanted.pillar is not None:
        conditions.append(duties.c.pillar == wanted.pillar)
    if wanted.area is not None:
        conditions.append(_within(duties.c.area, wanted.area))
    if wanted.role is not None:
        conditions.append(duties.c.role == wanted.role.value)
    return conditions


def _within(column: sa.Column[Any], area: str) -> sa.ColumnElement[bool]:
    return sa.and_(column >= area, column < area + AREA_END)


async def _duties_of(
    tx: Tx, ids: Sequence[UUID], visible: sa.ColumnElement[bool]
) -> dict[UUID, list[HeldDuty]]:
    query = (
        sa.select(duties)
        .where(duties.c.worker_id.in_(ids), visible)
        .order_by(duties.c.starts_on, duties.c.id)
    )
    held: dict[UUID, list[HeldDuty]] = {}
    for row in (await tx.execute(query)).mappings():
        held.setdefault(row["worker_id"], []).append(held_duty(row))
    return held


async def _absent_until(tx: Tx, ids: Sequence[UUID], today: date) -> dict[UUID, date]:
    query = sa.select(absences.c.worker_id, absences.c.ends_on).where(
        absences.c.worker_id.in_(ids), absences.c.starts_on <= today, absences.c.ends_on >= today
    )
    return {row.worker_id: row.ends_on for row in await tx.execute(query)}
