"""What is known about the protection of one record, and who may ask for it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.domain.name import HIDDEN
from services.registry.domain.requests import RequestState
from services.registry.storage import anonymising, grounds, merges, requests
from services.registry.storage.access import allowed, shown_by_name, within
from services.registry.storage.protection_tables import requests as r
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action

_WORDS: Final = frozenset({"guardian", "words", "answer"})
"""What people are named in, or name themselves in."""


@dataclass(frozen=True, slots=True)
class Protection:
    """Grounds, requests, restriction and the end of one record.

    Of a masked one without what names somebody: name, guardian, and the words of requests.
    """

    id: UUID
    name: str
    kind: str
    area: str
    confidentiality: str
    restricted_at: datetime | None
    erase_at: datetime | None
    retain_until: date
    grounds: list[dict[str, Any]]
    requests: list[dict[str, Any]]


async def is_open_to(tx: Tx, actor: Actor, action: Action, beneficiary_id: UUID) -> bool:
    """Whether the caller may do this to the record; locks it until the transaction ends."""
    return await area_if_open_to(tx, actor, action, beneficiary_id) is not None


async def area_if_open_to(tx: Tx, actor: Actor, action: Action, beneficiary_id: UUID) -> str | None:
    """Where the record is, locked until the transaction ends; None if that is not the caller's."""
    found = await tx.execute(
        sa.select(b.c.area)
        .where(b.c.id == beneficiary_id, allowed(actor, action))
        .with_for_update(key_share=True)
    )
    area: str | None = found.scalar_one_or_none()
    return area


async def read(tx: Tx, actor: Actor, beneficiary_id: UUID) -> Protection | None:
    """All of it, masked as in lists unless a request waits for the caller; None out of scope."""
    asked = sa.exists().where(r.c.beneficiary_id == b.c.id, r.c.state == RequestState.OPEN.value)
    handles = sa.and_(within(actor, Action.PROTECTION_HANDLE), asked)
    named = sa.or_(shown_by_name(actor), handles).label("named")
    found = await tx.execute(
        sa.select(b, named).where(
            b.c.id == beneficiary_id, allowed(actor, Action.PROTECTION_RECORD)
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    # When it ends depends on all that are the same person, wherever they lie.
    async with tx.beyond_scope():
        look = await anonymising.look_at(tx, beneficiary_id)
    ids = await _of_one_person(tx, actor, beneficiary_id)
    return Protection(
        row.id,
        row.name if row.named else HIDDEN,
        row.kind,
        row.area,
        row.confidentiality,
        row.restricted_at,
        row.erase_at,
        look.retain_until,
        _told(await grounds.all_of(tx, ids), named=row.named),
        _told(await requests.of_records(tx, ids), named=row.named),
    )


async def _of_one_person(tx: Tx, actor: Actor, beneficiary_id: UUID) -> list[UUID]:
    """The record with those that are the same person, if the caller may know that of them."""
    whole = await merges.whole(tx, [beneficiary_id])
    rows = await tx.execute(
        sa.select(b.c.id).where(
            b.c.id.in_(whole),
            allowed(actor, Action.PROTECTION_RECORD),
            sa.or_(shown_by_name(actor), within(actor, Action.PROTECTION_HANDLE)),
        )
    )
    known = [row.id for row in rows]
    return known if beneficiary_id in known else [beneficiary_id]


def _told(rows: list[dict[str, Any]], *, named: bool) -> list[dict[str, Any]]:
    """The rows, without people's words where the record is masked."""
    return rows if named else [{**row, **dict.fromkeys(_WORDS & row.keys())} for row in rows]
