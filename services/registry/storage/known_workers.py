"""Who works where: those who answer for personal data, and those whom reports concern."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from shared.auth import Duty
from shared.contracts.codes import Role
from shared.contracts.directory import WorkerState
from shared.database import Tx
from shared.reference.areas import parents

_ANSWERING: Final = (Role.DATA_PROTECTION, Role.DINSOS)
_REMEMBER_SQL: Final = """
    insert into known_workers as k (worker_id, version, active, absent_from, absent_to, stand_ins)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (worker_id) do update
    set version = excluded.version, active = excluded.active, absent_from = excluded.absent_from,
        absent_to = excluded.absent_to, stand_ins = excluded.stand_ins
    where excluded.version > k.version
    returning true
"""
_FORGET_DUTIES_SQL: Final = "delete from worker_duties where worker_id = $1"
_DUTIES_SQL: Final = """
    insert into worker_duties (duty_id, worker_id, pillar, area, role, starts_on, ends_on)
    select id, $1, pillar, area, role, starts_on, ends_on
    from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[])
        as d (id, pillar, area, role, starts_on, ends_on)
"""
_ABOVE_SQL: Final = """
    select coalesce(away.stand_in, d.worker_id) as worker_id, d.pillar, d.area, d.role
    from worker_duties d join known_workers k using (worker_id)
    left join lateral (
        select stand_in, true as is_away
        from unnest(k.absent_from, k.absent_to, k.stand_ins) a (starts_on, ends_on, stand_in)
        where $2 between starts_on and ends_on
        limit 1
    ) away on true
    where k.active and d.area = any($1::text[])
      and d.starts_on <= $2 and (d.ends_on is null or d.ends_on >= $2)
      and (away.is_away is null or away.stand_in is not null)
    order by 1
"""


async def remember(tx: Tx, state: WorkerState, version: int) -> None:
    """Keep a worker's newest duties; an older state changes nothing.

    A worker without any is kept too: a late older event must not give back what has ended.
    """
    is_news = await tx.fetchval(
        _REMEMBER_SQL,
        state.worker_id,
        version,
        state.active,
        [one.starts_on for one in state.absences],
        [one.ends_on for one in state.absences],
        [one.stand_in_id for one in state.absences],
    )
    if not is_news:
        return
    await tx.fetch(_FORGET_DUTIES_SQL, state.worker_id)
    await tx.fetch(
        _DUTIES_SQL,
        state.worker_id,
        [duty.duty_id for duty in state.duties],
        [duty.pillar for duty in state.duties],
        [duty.area for duty in state.duties],
        [duty.role for duty in state.duties],
        [duty.starts_on for duty in state.duties],
        [duty.ends_on for duty in state.duties],
    )


async def around(
    tx: Tx, areas: Collection[str], today: date
) -> Mapping[str, Sequence[tuple[UUID, Duty]]]:
    """The duties of each area and of those above it, with who does them today.

    Of somebody absent that is the stand-in, and without one nobody.
    """
    wider = {area: parents(area) for area in areas}
    rows = await tx.fetch(_ABOVE_SQL, sorted(set().union(*wider.values())), today)
    duties = [
        (row["worker_id"], Duty(row["pillar"], row["area"], Role(row["role"]))) for row in rows
    ]
    return {
        area: [(worker, duty) for worker, duty in duties if duty.area in levels]
        for area, levels in wider.items()
    }


async def officers(tx: Tx, areas: Collection[str], today: date) -> Mapping[str, list[UUID]]:
    """The data protection officers of each area, all levels; where there is none, its Dinsos.

    Of Dinsos the nearest level alone, so that a province does not hear of what its kabupaten can
    settle.
    """
    found: dict[str, list[UUID]] = {}
    for area, duties in (await around(tx, areas, today)).items():
        answering = [(worker, duty) for worker, duty in duties if duty.role in _ANSWERING]
        of_data = [worker for worker, duty in answering if duty.role is Role.DATA_PROTECTION]
        found[area] = list(dict.fromkeys(of_data)) or nearest(answering)
    return found


def nearest(duties: Sequence[tuple[UUID, Duty]]) -> list[UUID]:
    """Those whose duty is of the smallest area among these."""
    smallest = max((len(duty.area) for _, duty in duties), default=0)
    return list(dict.fromkeys(worker for worker, duty in duties if len(duty.area) == smallest))
