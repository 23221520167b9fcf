"""Who answers for personal data where."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from shared.contracts.codes import Role
from shared.contracts.directory import WorkerState
from shared.database import Tx
from shared.reference.areas import parents

_ANSWERING: Final = (Role.DATA_PROTECTION, Role.DINSOS)
_REMEMBER_SQL: Final = """
    insert into known_officers as k (worker_id, version, active) values ($1, $2, $3)
    on conflict (worker_id) do update set version = excluded.version, active = excluded.active
    where excluded.version > k.version
    returning true
"""
_FORGET_DUTIES_SQL: Final = "delete from officer_duties where worker_id = $1"
_DUTIES_SQL: Final = """
    insert into officer_duties (duty_id, worker_id, area, role, starts_on, ends_on)
    select id, $1, area, role, starts_on, ends_on
    from unnest($2::uuid[], $3::text[], $4::text[], $5::date[], $6::date[])
        as d (id, area, role, starts_on, ends_on)
"""
_ABOVE_SQL: Final = """
    select d.worker_id, d.area, d.role from officer_duties d join known_officers k using (worker_id)
    where k.active and d.area = any($1::text[])
      and d.starts_on <= $2 and (d.ends_on is null or d.ends_on >= $2)
    order by d.worker_id
"""


async def remember(tx: Tx, state: WorkerState, version: int) -> None:
    """Keep of a worker's newest duties those that answer for data; an older state changes nothing.

    A worker without any is kept too: a late older event must not give back what has ended.
    """
    if not await tx.fetchval(_REMEMBER_SQL, state.worker_id, version, state.active):
        return
    duties = [duty for duty in state.duties if duty.role in _ANSWERING]
    await tx.fetch(_FORGET_DUTIES_SQL, state.worker_id)
    await tx.fetch(
        _DUTIES_SQL,
        state.worker_id,
        [duty.duty_id for duty in duties],
        [duty.area for duty in duties],
        [duty.role for duty in duties],
        [duty.starts_on for duty in duties],
        [duty.ends_on for duty in duties],
    )


async def of_areas(tx: Tx, areas: Collection[str], today: date) -> Mapping[str, list[UUID]]:
    """The data protection officers of each area, all levels; where there is none, its Dinsos.

    Of Dinsos the nearest level alone, so that a province does not hear of what its kabupaten can
    settle.
    """
    wider = {area: parents(area) for area in areas}
    rows = await tx.fetch(
        _ABOVE_SQL, sorted({one for some in wider.values() for one in some}), today
    )
    found: dict[str, list[UUID]] = {}
    for area, levels in wider.items():
        around = [row for row in rows if row["area"] in levels]
        officers = [row["worker_id"] for row in around if row["role"] == Role.DATA_PROTECTION]
        if not officers:
            nearest = max((len(row["area"]) for row in around), default=0)
            officers = [row["worker_id"] for row in around if len(row["area"]) == nearest]
        found[area] = list(dict.fromkeys(officers))
    return found
