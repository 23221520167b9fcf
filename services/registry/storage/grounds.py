"""Grounds for holding a record: one row per purpose and agreement, ended by withdrawal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.registry.domain.consent import Grounds
from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id

_ADD_SQL: Final = """
    insert into legal_bases
        (id, beneficiary_id, purpose, basis, text_version, channel, at, taken_by, guardian)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_ALL_SQL: Final = """
    select id, purpose, basis, text_version, channel, at, taken_by, guardian, withdrawn_at,
           stops_at, stopped_at
    from legal_bases where beneficiary_id = any($1::uuid[]) order by at, id
"""
_WITHDRAW_SQL: Final = """
    update legal_bases one set withdrawn_at = $3::timestamptz, withdrawn_by = $4,
                               stops_at = $3 + $5::interval
    from legal_bases asked
    where asked.id = $1 and asked.beneficiary_id = any($2::uuid[]) and asked.basis = 'consent'
      and asked.withdrawn_at is null and one.beneficiary_id = any($2)
      and one.basis = 'consent' and one.purpose = asked.purpose and one.withdrawn_at is null
    returning one.stops_at
"""
_STOP_SOONER_SQL: Final = """
    update legal_bases one set stops_at = least(one.stops_at, $2::timestamptz)
    from legal_bases asked
    where asked.id = $1 and (one.id = asked.id or one.beneficiary_id = any($3::uuid[]))
      and one.stopped_at is null
      and (one.purpose, one.withdrawn_at, one.withdrawn_by)
        = (asked.purpose, asked.withdrawn_at, asked.withdrawn_by)
"""
_STOP_DUE_SQL: Final = """
    with due as (
        select id from legal_bases where stops_at <= $1 and stopped_at is null
        order by stops_at limit $2 for update skip locked
    )
    update legal_bases b set stopped_at = $1 from due where b.id = due.id
    returning b.id, b.beneficiary_id
"""
_IN_FORCE_SQL: Final = """
    select r.id as beneficiary_id,
           coalesce(array_agg(b.purpose) filter (where b.id is not null), '{}') as purposes
    from unnest($1::uuid[]) r (id)
    cross join lateral (
        select r.id union all
        select merged_id from merges where remains_id = r.id and undone_at is null
    ) whole (id)
    left join legal_bases b on b.beneficiary_id = whole.id and b.stopped_at is null
    group by r.id
"""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Grounds on which nothing may be done any more."""

    id: UUID
    beneficiary_id: UUID


async def add(tx: Tx, actor: Actor, beneficiary_id: UUID, grounds: Grounds) -> UUID:
    """Store new grounds; their id."""
    consent, made = grounds.consent, new_id()
    await tx.fetch(
        _ADD_SQL,
        made,
        beneficiary_id,
        grounds.purpose,
        grounds.basis,
        consent.text_version if consent else None,
        consent.channel if consent else None,
        (consent.at if consent else None) or tx.now,
        actor.id,
        grounds.guardian,
    )
    return made


async def all_of(tx: Tx, ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Every one these records ever had, the oldest first."""
    return [dict(row) for row in await tx.fetch(_ALL_SQL, list(ids))]


async def withdraw(
    tx: Tx, actor: Actor, *, ids: Collection[UUID], basis_id: UUID, within: timedelta
) -> datetime | None:
    """Begin the end of a consent of one of these; by when it is over, None if there is none.

    The records are of one person: every consent of theirs to the same purpose is withdrawn with it.
    """
    stops: datetime | None = await tx.fetchval(
        _WITHDRAW_SQL, basis_id, list(ids), tx.now, actor.id, within
    )
    return stops


async def stop_sooner(tx: Tx, basis_id: UUID, ids: Collection[UUID]) -> None:
    """End a consent and those of these records that were withdrawn with it by the next round."""
    await tx.fetch(_STOP_SOONER_SQL, basis_id, tx.now, list(ids))


async def stop_due(tx: Tx, limit: int) -> list[Stopped]:
    """End those whose deadline has come, by the clock of the database."""
    return [Stopped(**dict(row)) for row in await tx.fetch(_STOP_DUE_SQL, tx.now, limit)]


async def purposes_in_force(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Sequence[str]]:
    """For what each of these records may still be held, with those merged into it."""
    rows = await tx.fetch(_IN_FORCE_SQL, list(ids))
    return {row["beneficiary_id"]: row["purposes"] for row in rows}
