"""Reads for screens: straight from the rows, scoped by the policy's own predicate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa

from services.cases.storage.tables import referral_steps, referrals
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus
from shared.database import Tx
from shared.policy import Action, Columns, predicate

HELD: Final = (
    ReferralStatus.ACCEPTED.value,
    ReferralStatus.IN_PROGRESS.value,
    ReferralStatus.ON_HOLD.value,
)
Due = Literal["overdue", "today"]

COLUMNS: Final = Columns(
    area=referrals.c.area,
    sender_area=referrals.c.sender_area,
    pillar=referrals.c.pillar,
    organisation_id=referrals.c.organisation_id,
    owners=(referrals.c.sender_id, referrals.c.holder_id),
    named=lambda actor_id: referrals.c.worker_id == actor_id,
    confidentiality=referrals.c.confidentiality,
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the last page ended: the due time and the id of its last row."""

    due_at: datetime | None
    id: UUID


async def worklist(
    tx: Tx,
    actor: Actor,
    *,
    status: ReferralStatus | None,
    pillar: str | None,
    due: Due | None,
    after: Cursor | None,
    limit: int,
) -> list[Any]:
    """What waits for the caller, due first: own work, pools, and what came back to the sender."""
    r = referrals.c
    in_pool = sa.and_(
        r.status == ReferralStatus.SENT.value,
        sa.or_(r.worker_id.is_(None), r.worker_id == actor.id),
        predicate(actor, Action.REFERRAL_RECEIVE, COLUMNS),
    )
    mine = sa.and_(r.status.in_(HELD), r.holder_id == actor.id)
    came_back = sa.and_(r.status == ReferralStatus.RETURNED.value, r.sender_id == actor.id)
    statement = sa.select(referrals).where(sa.or_(in_pool, mine, came_back))
    if status is not None:
        statement = statement.where(r.status == status.value)
    if pillar is not None:
        statement = statement.where(r.pillar == pillar)
    if due == "overdue":
        statement = statement.where(r.due_at < tx.now)
    elif due == "today":
        statement = statement.where(r.due_at < tx.now + timedelta(days=1))
    due_key = sa.func.coalesce(r.due_at, sa.text("'infinity'::timestamptz"))
    if after is not None:
        position = sa.tuple_(
            sa.literal(after.due_at, sa.DateTime(timezone=True))
            if after.due_at
            else sa.text("'infinity'::timestamptz"),
            sa.literal(after.id),
        )
        statement = statement.where(sa.tuple_(due_key, r.id) > position)
    result = await tx.execute(statement.order_by(due_key, r.id).limit(limit))
    return list(result.mappings())


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
