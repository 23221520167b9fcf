"""Legs of a case that are sent when another one has ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.database import Tx
from shared.ids import new_id

_PLAN_SQL: Final = """
    insert into planned_legs (id, case_id, after_id, pillar, area, planned_by, planned_at)
    values ($1, $2, $3, $4, $5, $6, now())
"""
_AFTER_SQL: Final = """
    select id, pillar, area, planned_by from planned_legs
    where after_id = $1 and referral_id is null and dropped_at is null order by id
"""
_WAITING_SQL: Final = """
    select id, pillar, area, planned_by, after_id from planned_legs
    where case_id = $1 and referral_id is null and dropped_at is null order by id
"""
_FOLLOW_SQL: Final = """
    update planned_legs p set after_id = moved.new_id
    from unnest($1::uuid[], $2::uuid[]) as moved (old_id, new_id)
    where p.after_id = moved.old_id and p.referral_id is null and p.dropped_at is null
"""


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """A leg that waits for another to end."""

    id: UUID
    pillar: str
    area: str
    planned_by: UUID


async def plan(
    tx: Tx, *, case_id: UUID, after_id: UUID, pillar: str, area: str, planned_by: UUID
) -> None:
    """Let a leg wait for another."""
    await tx.fetch(_PLAN_SQL, new_id(), case_id, after_id, pillar, area, planned_by)


async def after(tx: Tx, referral_id: UUID) -> list[PlannedLeg]:
    """The legs that wait for this referral to end."""
    return [PlannedLeg(**row) for row in await tx.fetch(_AFTER_SQL, referral_id)]


async def waiting(tx: Tx, case_id: UUID) -> list[tuple[PlannedLeg, UUID]]:
    """The legs of a case that wait, each with the referral it waits for."""
    rows = await tx.fetch(_WAITING_SQL, case_id)
    return [
        (PlannedLeg(row["id"], row["pillar"], row["area"], row["planned_by"]), row["after_id"])
        for row in rows
    ]


async def sent(tx: Tx, planned_id: UUID, referral_id: UUID) -> None:
    """Note that the leg was sent, as this referral."""
    await tx.fetch(
        "update planned_legs set referral_id = $2 where id = $1", planned_id, referral_id
    )


async def drop(tx: Tx, planned_id: UUID) -> None:
    """Give the leg up."""
    await tx.fetch("update planned_legs set dropped_at = now() where id = $1", planned_id)


async def follow(tx: Tx, moved: Mapping[UUID, UUID]) -> None:
    """Let legs that waited for a referral wait for the one that took its place."""
    await tx.fetch(_FOLLOW_SQL, list(moved), list(moved.values()))
