"""Reads for screens: straight from the rows, scoped by the policy's own predicate."""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.cases.storage.stretches import stems, watched_areas
from services.cases.storage.tables import referral_steps, referrals
from shared.auth import AREA_END, Actor
from shared.contracts.codes import ReferralStatus
from shared.database import Tx
from shared.policy import Action
from shared.predicates import Columns, predicate

COLUMNS: Final = Columns(
    area=referrals.c.area,
    sender_area=referrals.c.sender_area,
    pillar=referrals.c.pillar,
    organisation_id=referrals.c.organisation_id,
    owners=(referrals.c.sender_id, referrals.c.holder_id),
    named=lambda actor_id: sa.or_(
        referrals.c.worker_id == actor_id, sa.literal(actor_id) == sa.any_(referrals.c.named)
    ),
    confidentiality=referrals.c.confidentiality,
)
OPEN: Final = sa.text(
    "referrals.status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')"
)
"""In the words of the partial index, so that the planner sees that it fits."""


async def sent_by(
    tx: Tx, actor: Actor, *, status: ReferralStatus | None, before: UUID | None, limit: int
) -> list[Any]:
    """The caller's own referrals, newest first."""
    r = referrals.c
    statement = sa.select(referrals).where(r.sender_id == actor.id)
    if status is not None:
        statement = statement.where(r.status == status.value)
    if before is not None:
        statement = statement.where(r.id < before)
    result = await tx.execute(statement.order_by(r.id.desc()).limit(limit))
    return list(result.mappings())


async def history(tx: Tx, referral_id: UUID) -> list[Any]:
    """The steps of a referral in order."""
    s = referral_steps.c
    result = await tx.execute(
        sa.select(referral_steps).where(s.referral_id == referral_id).order_by(s.version)
    )
    return list(result.mappings())


async def legs_of(tx: Tx, actor: Actor, case_id: UUID) -> list[Any]:
    """The referrals of a case that lie in the caller's scope, oldest first."""
    statement = sa.select(referrals).where(
        referrals.c.case_id == case_id, predicate(actor, Action.REFERRAL_READ, COLUMNS)
    )
    result = await tx.execute(statement.order_by(referrals.c.id))
    return list(result.mappings())


def in_charge(actor: Actor, area: str | None, pillar: str | None = None) -> sa.ColumnElement[bool]:
    """The referrals whose board the caller reads, inside an area and of a pillar if given."""
    r = referrals.c
    regencies = stems(watched_areas(actor, Action.BOARD_READ, area))
    parts = [
        r.regency == sa.any_(sa.literal(regencies, ARRAY(sa.Text))),
        predicate(actor, Action.BOARD_READ, COLUMNS),
    ]
    if area is not None:
        parts.append(within(r.area, area))
    if pillar is not None:
        parts.append(r.pillar == pillar)
    return sa.and_(*parts)


def within(column: sa.ColumnElement[Any], area: str) -> sa.ColumnElement[bool]:
    """The column's area is this one or lies in it."""
    return sa.and_(column >= area, column < area + AREA_END)
