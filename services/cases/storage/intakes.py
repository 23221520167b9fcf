"""Families taken in at disaster sites, each under the key its device gave it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.domain.disaster import HeadCount, Site
from shared.auth import Actor
from shared.database import Tx

_TURN_SQL: Final = "select pg_advisory_xact_lock(hashtextextended('intake:' || $1::text, 0))"
_BEFORE_SQL: Final = """
    select i.key, i.beneficiary_id, c.id as case_id, c.number from disaster_intakes i
    join cases c on c.id = i.case_id where i.recorded_by = $1 and i.key = any($2)
"""
# In one order for everybody, so that two batches never wait for each other.
_FAMILY_TURNS_SQL: Final = """
    select pg_advisory_xact_lock(turn) from (
        select distinct hashtextextended('family:' || one, 0) as turn
        from unnest($1::uuid[]) one order by 1) turns
"""
_OPEN_SQL: Final = """
    select distinct on (whose.id) whose.id as beneficiary_id, c.id as case_id, c.number
    from disaster_intakes i join cases c on c.id = i.case_id
    left join known_beneficiaries k on k.beneficiary_id = i.beneficiary_id
    cross join lateral (select coalesce(k.merged_into, i.beneficiary_id) as id) whose
    where i.disaster_id = $1 and whose.id = any($2) and c.is_open
    order by whose.id, i.recorded_at
"""
_ADD_SQL: Final = """
    insert into disaster_intakes (
        recorded_by, recorded_at, key, disaster_id, site_id, area, beneficiary_id, case_id,
        male, female, children, elders, disabled, occurred_at)
    select $1, $2, * from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[],
        $8::uuid[], $9::int[], $10::int[], $11::int[], $12::int[], $13::int[], $14::timestamptz[])
"""


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case by its id and the number people quote."""

    id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class TakenIn:
    """One family taken in."""

    key: UUID
    site: Site
    beneficiary_id: UUID
    case_id: UUID
    heads: HeadCount
    occurred_at: datetime


async def before(tx: Tx, actor: Actor, keys: Collection[UUID]) -> dict[UUID, CaseRef]:
    """The cases that these keys of the caller opened before.

    Batches of one worker take turns here until the transaction ends: a batch that is sent again
    while the first is still being served finds what the first has done.
    """
    await tx.fetch(_TURN_SQL, str(actor.id))
    rows = await tx.fetch(_BEFORE_SQL, actor.id, list(keys))
    return {row["key"]: CaseRef(row["case_id"], row["number"]) for row in rows}


async def open_cases(
    tx: Tx, disaster_id: UUID, beneficiaries: Collection[UUID]
) -> dict[UUID, CaseRef]:
    """The open cases that this disaster has opened for these beneficiaries, at whatever site.

    Whoever takes in the same family at the same moment waits here for the other.
    """
    await tx.fetch(_FAMILY_TURNS_SQL, list(beneficiaries))
    async with tx.beyond_scope():
        rows = await tx.fetch(_OPEN_SQL, disaster_id, list(beneficiaries))
    return {row["beneficiary_id"]: CaseRef(row["case_id"], row["number"]) for row in rows}


async def add(tx: Tx, actor: Actor, taken: Sequence[TakenIn]) -> None:
    """Store families whose cases are stored."""
    rows = [
        (
            one.key, one.site.disaster_id, one.site.id, one.site.area, one.beneficiary_id,
            one.case_id, one.heads.male, one.heads.female, one.heads.children, one.heads.elders,
            one.heads.disabled, one.occurred_at,
        )
        for one in taken
    ]  # fmt: skip
    columns = [list(column) for column in zip(*rows, strict=True)]
    await tx.fetch(_ADD_SQL, actor.id, tx.now, *columns)
