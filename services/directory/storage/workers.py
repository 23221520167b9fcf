"""Workers with their duties and absences; saving one appends the fact of its change."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from services.directory.domain.duty import HeldDuty
from services.directory.domain.worker import Absence, Worker
from services.directory.storage.scope import everywhere
from shared.contracts.codes import Role
from shared.database import Tx
from shared.errors import NotFound, VersionConflict
from shared.messaging.event_log import Fact, append

_WORKER_SQL: Final = "select id, name, version, active from workers where id = $1"
_DUTIES_SQL: Final = """
    select id, pillar, area, role, organisation_id, starts_on, ends_on
    from duties where worker_id = $1 order by starts_on, id
"""
_ABSENCES_SQL: Final = """
    select id, starts_on, ends_on, stand_in_id
    from absences where worker_id = $1 order by starts_on, id
"""
_STOOD_FOR_SQL: Final = """
    select distinct w.id, w.name, w.version, w.active
    from absences a join workers w on w.id = a.worker_id
    where a.stand_in_id = $1 and $2 between a.starts_on and a.ends_on and w.active
    order by w.id
"""
_INSERT_SQL: Final = """
    insert into workers (id, name, version, active, area_low, area_high)
    values ($1, $2, 1, $3, $4, $5)
"""
_UPDATE_SQL: Final = """
    update workers set name = $2, version = version + 1, active = $3,
                       area_low = $4, area_high = $5
    where id = $1 and version = $6 returning true
"""
_PUT_DUTIES_SQL: Final = """
    insert into duties
        (worker_id, id, pillar, area, role, organisation_id, starts_on, ends_on)
    select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[],
                             $7::date[], $8::date[])
    on conflict (id) do update set
        pillar = excluded.pillar, area = excluded.area, role = excluded.role,
        organisation_id = excluded.organisation_id,
        starts_on = excluded.starts_on, ends_on = excluded.ends_on
    where duties.worker_id = excluded.worker_id
"""
_ADD_ABSENCE_SQL: Final = """
    insert into absences (id, worker_id, area_low, area_high, starts_on, ends_on, stand_in_id)
    values ($1, $2, $3, $4, $5, $6, $7)
"""
_RUN_OUT_SQL: Final = """
    select id from workers w
    where active and not exists (
        select 1 from duties d
        where d.worker_id = w.id and (d.ends_on is null or d.ends_on >= $1)
    )
    order by id limit $2 for update skip locked
"""


async def get(tx: Tx, worker_id: UUID) -> Worker:
    """A worker in the caller's area, whole; raises `NotFound`."""
    row = await tx.fetchrow(_WORKER_SQL, worker_id)
    if row is None:
        raise NotFound
    async with everywhere(tx):
        return await _whole(tx, row)


async def get_own(tx: Tx, worker_id: UUID) -> Worker:
    """The worker this transaction acts as, whole; raises `NotFound`."""
    row = await tx.fetchrow(_WORKER_SQL, worker_id)
    if row is None:
        raise NotFound
    return await _whole(tx, row)


async def find_anywhere(tx: Tx, worker_id: UUID) -> Worker | None:
    """A worker wherever they serve, whole; None when there is none."""
    async with everywhere(tx):
        row = await tx.fetchrow(_WORKER_SQL, worker_id)
        return await _whole(tx, row) if row else None


async def stood_for(tx: Tx, stand_in_id: UUID, today: date) -> list[Worker]:
    """The absent colleagues a worker stands in for today, wherever they serve, whole."""
    async with everywhere(tx):
        rows = await tx.fetch(_STOOD_FOR_SQL, stand_in_id, today)
        return [await _whole(tx, row) for row in rows]


async def run_out(tx: Tx, today: date, limit: int) -> list[UUID]:
    """Workers still counted as active whose last duty ended before today, held for this change."""
    return [row["id"] for row in await tx.fetch(_RUN_OUT_SQL, today, limit)]


async def save(tx: Tx, worker: Worker) -> None:
    """Write the change and append its fact; raises `VersionConflict` when somebody was faster."""
    low, high = worker.area_span()
    state = (worker.id, worker.name, worker.is_active, low, high)
    if worker.version == 0:
        await tx.fetch(_INSERT_SQL, *state)
    elif not await tx.fetchval(_UPDATE_SQL, *state, worker.version):
        raise VersionConflict
    if worker.fresh_duties:
        await _put_duties(tx, worker.id, worker.fresh_duties)
    for absence in worker.fresh_absences:
        await tx.fetch(
            _ADD_ABSENCE_SQL,
            absence.id,
            worker.id,
            low,
            high,
            absence.starts_on,
            absence.ends_on,
            absence.stand_in_id,
        )
    worker.version += 1
    await append(tx, [Fact(worker.id, worker.version, worker.state())])


async def _put_duties(tx: Tx, worker_id: UUID, duties: list[HeldDuty]) -> None:
    await tx.fetch(
        _PUT_DUTIES_SQL,
        worker_id,
        [duty.id for duty in duties],
        [duty.pillar for duty in duties],
        [duty.area for duty in duties],
        [duty.role.value for duty in duties],
        [duty.organisation_id for duty in duties],
        [duty.starts_on for duty in duties],
        [duty.ends_on for duty in duties],
    )


async def _whole(tx: Tx, row: Any) -> Worker:
    duties = await tx.fetch(_DUTIES_SQL, row["id"])
    absences = await tx.fetch(_ABSENCES_SQL, row["id"])
    return Worker(
        id=row["id"],
        name=row["name"],
        version=row["version"],
        is_active=row["active"],
        duties=[held_duty(duty) for duty in duties],
        absences=[Absence(**dict(absence)) for absence in absences],
    )


def held_duty(row: Any) -> HeldDuty:
    """A duty from its row."""
    return HeldDuty(
        id=row["id"],
        pillar=row["pillar"],
        area=row["area"],
        role=Role(row["role"]),
        organisation_id=row["organisation_id"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
    )
