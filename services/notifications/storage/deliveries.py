"""The delivery ledger, read in scope."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from services.notifications.storage import tables
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action
from shared.predicates import Columns, predicate

_TABLE = tables.deliveries.c
_COLUMNS = Columns(
    area=_TABLE.area,
    pillar=_TABLE.pillar,
    organisation_id=_TABLE.organisation_id,
    owners=(_TABLE.sender_id, _TABLE.recipient_id),
    confidentiality=_TABLE.confidentiality,
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one notice on one channel."""

    notice_id: UUID
    recipient_id: UUID
    channel: str
    kind: str
    status: str
    at: datetime
    detail: str | None


async def list_of_referral(
    tx: Tx, actor: Actor, *, referral_id: UUID, after: tuple[UUID, str] | None, limit: int
) -> list[Delivery]:
    """The part of a referral's ledger the caller may see, oldest notice first."""
    query = (
        sa.select(
            _TABLE.notice_id,
            _TABLE.recipient_id,
            _TABLE.channel,
            _TABLE.kind,
            _TABLE.status,
            _TABLE.at,
            _TABLE.detail,
        )
        .where(_TABLE.referral_id == referral_id)
        .where(predicate(actor, Action.DELIVERY_READ, _COLUMNS))
        .order_by(_TABLE.notice_id, _TABLE.channel)
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(_TABLE.notice_id, _TABLE.channel) > sa.tuple_(*after))
    return [Delivery(**row) for row in (await tx.execute(query)).mappings()]
