"""Referrals whose alarm is due."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.cases.domain.referral import Referral
from services.cases.storage.referrals import referral_of
from shared.database import Tx

_DUE_SQL: Final = """
    select * from referrals where alarm_at <= now()
    order by alarm_at limit $1 for update skip locked
"""
_AREAS_ASKED_SQL: Final = """
    with recursive line as (
        select id, pillar, area, rerouted_from as before from referrals
        where id = any($1::uuid[])
        union all
        select line.id, r.pillar, r.area, r.rerouted_from
        from line join referrals r on r.id = line.before and r.pillar = line.pillar
    )
    select id, array_agg(area) as areas from line group by id
"""
_PUT_OFF_SQL: Final = "update referrals set alarm_at = now() + $2 where id = $1"


async def due_for_update(tx: Tx, *, limit: int) -> list[Referral]:
    """The longest due first, locked; those another sweeper holds are left to it."""
    return [referral_of(row) for row in await tx.fetch(_DUE_SQL, limit)]


async def areas_asked(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """Where each of these waited, and those of its pillar in whose places it came."""
    rows = await tx.fetch(_AREAS_ASKED_SQL, list(ids))
    return {row["id"]: frozenset(row["areas"]) for row in rows}


async def put_off(tx: Tx, referral_id: UUID, span: timedelta) -> None:
    """Let the clock come back to this referral later."""
    await tx.fetch(_PUT_OFF_SQL, referral_id, span)
