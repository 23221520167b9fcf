"""What cases knows of the other services, kept by their events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from services.cases.domain.legs import Candidate
from services.cases.domain.ranking import TAGANA
from services.cases.domain.superiors import Superior
from shared.contracts.codes import Confidentiality, Role
from shared.contracts.directory import WorkerState
from shared.database import Tx
from shared.reference.areas import Level, at_level, parents
from shared.trips import Opening

_BENEFICIARY_SQL: Final = """
    insert into known_beneficiaries as k
        (beneficiary_id, version, area, confidentiality, merged_into)
    values ($1, $2, $3, $4, $5)
    on conflict (beneficiary_id) do update
    set version = excluded.version, area = excluded.area,
        confidentiality = excluded.confidentiality, merged_into = excluded.merged_into
    where excluded.version > k.version
"""
_WORKER_SQL: Final = """
    insert into known_workers as k (worker_id, version, active) values ($1, $2, $3)
    on conflict (worker_id) do update set version = excluded.version, active = excluded.active
    where excluded.version > k.version
    returning true
"""
_DUTIES_SQL: Final = """
    insert into known_duties
        (duty_id, worker_id, pillar, area, role, organisation_id, starts_on, ends_on)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[],
                         $7::date[], $8::date[])
"""
_ABSENCES_SQL: Final = """
    insert into known_absences (worker_id, starts_on, ends_on, stand_in_id)
    select $1, * from unnest($2::date[], $3::date[], $4::uuid[])
    on conflict (worker_id, starts_on) do update
    set ends_on = excluded.ends_on, stand_in_id = excluded.stand_in_id
"""


def _surroundings_text(first: int) -> str:
    beneficiary_id, areas, worker_id = (f"${first + at}" for at in range(3))
    return f"""
        select json_build_array(
            (select row_to_json(b) from known_beneficiaries b
             where b.beneficiary_id = {beneficiary_id}::uuid and not b.anonymised),
            (select count(*) || ':' || max(version) || ':' || max(valid_from)
                    || ':' || coalesce(max(valid_to)::text, '') from routing_rules),
            (select json_agg(json_build_array(
                        d.worker_id, d.pillar, d.area, d.organisation_id,
                        a.worker_id is not null, a.stand_in_id))
             from known_duties d join known_workers w using (worker_id)
             left join known_absences a
               on a.worker_id = d.worker_id and today.day between a.starts_on and a.ends_on
             where w.active and d.role in ('worker', 'dinsos')
               and (d.area = any({areas}::text[]) or d.worker_id = {worker_id}::uuid)
               and d.starts_on <= today.day and (d.ends_on is null or d.ends_on >= today.day))
        )::text
        from context
        cross join lateral (select (context.now at time zone 'Asia/Jakarta')::date as day) today
    """  # noqa: S608 - parameter numbers


_SURROUNDINGS_SQL: Final = f"with context as (select now() as now) {_surroundings_text(1)}"
_DUTIES_OF_SQL: Final = """
    with today as (select (now() at time zone 'Asia/Jakarta')::date as day)
    select d.worker_id, d.pillar, d.area, d.role, d.organisation_id,
           a.worker_id is not null as absent, a.stand_in_id
    from known_duties d join known_workers w using (worker_id) cross join today
    left join known_absences a
      on a.worker_id = d.worker_id and today.day between a.starts_on and a.ends_on
    where w.active and d.starts_on <= today.day
      and (d.ends_on is null or d.ends_on >= today.day)
"""
_PILLAR_IN_SQL: Final = f"""
    {_DUTIES_OF_SQL} and d.role = 'worker' and d.pillar = $1 and d.area >= $2 and d.area < $2 || '/'
"""
_SERVING_SQL: Final = f"""
    {_DUTIES_OF_SQL} and d.role in ('worker', 'dinsos') and (
        (d.area >= $1 and d.area < $1 || '/') or d.area = any($2::text[])
        or (d.pillar = $3 and d.area >= $4 and d.area < $4 || '/'))
"""
_RECEIVERS_SQL: Final = f"""
    {_DUTIES_OF_SQL} and d.role in ('worker', 'dinsos')
      and d.pillar = any($1::text[]) and d.area = any($2::text[])
"""
_ABOVE_SQL: Final = f"""
    {_DUTIES_OF_SQL} and d.role in ('coordinator', 'dinsos', 'data_protection')
      and d.area = any($1::text[])
"""
_CAN_RECEIVE_SQL: Final = f"""
    select exists ({_DUTIES_OF_SQL} and d.role in ('worker', 'dinsos')
        and d.worker_id = $1 and d.pillar = $2 and d.area = any($3::text[]))
"""
_STAND_INS_SQL: Final = """
    with today as (select (now() at time zone 'Asia/Jakarta')::date as day)
    select a.worker_id, a.stand_in_id
    from known_absences a join known_workers w on w.worker_id = a.stand_in_id cross join today
    where a.worker_id = any($1::uuid[]) and today.day between a.starts_on and a.ends_on and w.active
      and not exists (select from known_absences b where b.worker_id = a.stand_in_id
                      and today.day between b.starts_on and b.ends_on)
"""
_LOAD_SQL: Final = """
    select holder_id, count(*) as open from referrals
    where holder_id = any($1::uuid[]) and status in ('accepted', 'in_progress', 'on_hold')
    group by holder_id
"""


@dataclass(frozen=True, slots=True)
class KnownBeneficiary:
    """What cases needs to know of a beneficiary; never a name."""

    id: UUID
    area: str
    confidentiality: Confidentiality
    merged_into: UUID | None

    @property
    def filed_as(self) -> UUID:
        """The record that what is sent now names: the one that remains.

        Of a confidential one itself, for the other may tell its sender who that is.
        """
        if self.merged_into is None or self.confidentiality is not Confidentiality.C1:
            return self.id
        return self.merged_into


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything a plan looks at, read in one round trip."""

    beneficiary: KnownBeneficiary | None
    rules_stamp: str
    duties: tuple[Candidate, ...]


def asked_around(beneficiary_id: UUID, area: str, worker_id: UUID | None) -> Opening:
    """The question of `surroundings`, to ride with the beginning of a transaction."""
    return Opening(_surroundings_text, beneficiary_id, parents(area), worker_id)


async def surroundings(
    tx: Tx, beneficiary_id: UUID | None, area: str, worker_id: UUID | None
) -> Surroundings:
    """The beneficiary, the rules' stamp, and who holds a duty for the area or is named."""
    found = await tx.fetchval(_SURROUNDINGS_SQL, beneficiary_id, parents(area), worker_id)
    return surroundings_of(found)


def surroundings_of(found: str) -> Surroundings:
    """What the question was answered."""
    beneficiary, stamp, duties = orjson.loads(found)
    return Surroundings(
        beneficiary=_beneficiary(beneficiary) if beneficiary else None,
        rules_stamp=stamp,
        duties=tuple(
            Candidate(
                worker_id=UUID(worker),
                pillar=pillar,
                area=duty_area,
                organisation_id=UUID(organisation) if organisation else None,
                absent=absent,
                stand_in_id=UUID(stand_in) if stand_in else None,
            )
            for worker, pillar, duty_area, organisation, absent, stand_in in duties or ()
        ),
    )


async def beneficiaries(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, KnownBeneficiary]:
    """Those of these beneficiaries that are known here."""
    rows = await tx.fetch(
        """
        select beneficiary_id, area, confidentiality, merged_into from known_beneficiaries
        where beneficiary_id = any($1) and not anonymised
        """,
        list(ids),
    )
    return {
        row["beneficiary_id"]: KnownBeneficiary(
            row["beneficiary_id"],
            row["area"],
            Confidentiality(row["confidentiality"]),
            row["merged_into"],
        )
        for row in rows
    }


async def remaining(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The record that remains of each of these beneficiaries: itself, unless it was merged."""
    found = await beneficiaries(tx, ids)
    return {one: found[one].merged_into or one if one in found else one for one in ids}


async def of_pillar_in(tx: Tx, pillar: str, area: str) -> tuple[Candidate, ...]:
    """Everybody of the pillar within the area."""
    return tuple(_candidate(row) for row in await tx.fetch(_PILLAR_IN_SQL, pillar, area))


async def serving(tx: Tx, area: str) -> list[Candidate]:
    """Everybody who could receive a need from anywhere in the area, Tagana from afar too."""
    province = at_level(area, Level.PROVINCE)
    rows = await tx.fetch(_SERVING_SQL, area, parents(area), TAGANA, province)
    return [_candidate(row) for row in rows]


async def receivers(tx: Tx, pillars: Sequence[str], areas: Sequence[str]) -> tuple[Candidate, ...]:
    """Everybody of these pillars whose duty holds one of these areas."""
    wanted = sorted({wide for area in areas for wide in parents(area)})
    rows = await tx.fetch(_RECEIVERS_SQL, sorted(set(pillars)), wanted)
    return tuple(_candidate(row) for row in rows)


async def superiors(tx: Tx, areas: Sequence[str]) -> list[Superior]:
    """Everybody above the receivers in any of these areas."""
    wanted = sorted({wide for area in areas for wide in parents(area)})
    rows = await tx.fetch(_ABOVE_SQL, wanted)
    return [Superior(Role(row["role"]), _candidate(row)) for row in rows]


async def can_receive(tx: Tx, worker_id: UUID, pillar: str, area: str) -> bool:
    """Whether the worker holds a duty of this pillar, today, for an area that holds this one."""
    return bool(await tx.fetchval(_CAN_RECEIVE_SQL, worker_id, pillar, parents(area)))


async def stand_ins(tx: Tx, worker_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Who stands in today for those of these workers who are absent, where that one is there."""
    rows = await tx.fetch(_STAND_INS_SQL, list(worker_ids))
    return {row["worker_id"]: row["stand_in_id"] for row in rows}


async def open_load(tx: Tx, worker_ids: list[UUID]) -> dict[UUID, int]:
    """How many open referrals each of these workers holds."""
    async with tx.beyond_scope():
        rows = await tx.fetch(_LOAD_SQL, worker_ids)
    return {row["holder_id"]: row["open"] for row in rows}


async def remember_beneficiary(
    tx: Tx,
    *,
    beneficiary_id: UUID,
    version: int,
    area: str,
    confidentiality: Confidentiality,
    merged_into: UUID | None,
) -> None:
    """Keep the newest state; an older one changes nothing."""
    await tx.fetch(_BENEFICIARY_SQL, beneficiary_id, version, area, confidentiality, merged_into)


async def remember_worker(tx: Tx, state: WorkerState, version: int) -> None:
    """Keep a worker's newest duties and absences; an older state changes nothing."""
    if not await tx.fetchval(_WORKER_SQL, state.worker_id, version, state.active):
        return
    await tx.fetch("delete from known_duties where worker_id = $1", state.worker_id)
    await tx.fetch("delete from known_absences where worker_id = $1", state.worker_id)
    duties = state.duties
    await tx.fetch(
        _DUTIES_SQL,
        [duty.duty_id for duty in duties],
        [state.worker_id for _ in duties],
        [duty.pillar for duty in duties],
        [duty.area for duty in duties],
        [duty.role for duty in duties],
        [duty.organisation_id for duty in duties],
        [duty.starts_on for duty in duties],
        [duty.ends_on for duty in duties],
    )
    absences = state.absences
    await tx.fetch(
        _ABSENCES_SQL,
        state.worker_id,
        [absence.starts_on for absence in absences],
        [absence.ends_on for absence in absences],
        [absence.stand_in_id for absence in absences],
    )


def _candidate(row: Any) -> Candidate:
    return Candidate(
        worker_id=row["worker_id"],
        pillar=row["pillar"],
        area=row["area"],
        organisation_id=row["organisation_id"],
        absent=row["absent"],
        stand_in_id=row["stand_in_id"],
    )


def _beneficiary(row: dict[str, Any]) -> KnownBeneficiary:
    return KnownBeneficiary(
        id=UUID(row["beneficiary_id"]),
        area=row["area"],
        confidentiality=Confidentiality(row["confidentiality"]),
        merged_into=UUID(row["merged_into"]) if row["merged_into"] else None,
    )
