"""Merges as far as a caller may know of them: none tells who a hidden person is."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.registry.storage import merges
from services.registry.storage.access import allowed, shown_by_name, within
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.policy import Action


async def remaining(tx: Tx, actor: Actor, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """What remains of those of these that were merged, where that names nobody who is hidden.

    That a confidential record goes on as another is for those whom it shows by name, and that
    a record goes on as one that is masked for the caller is not for them.
    """
    ends = await merges.remaining(tx, ids)
    if not ends:
        return {}
    read = allowed(actor, Action.BENEFICIARY_READ)
    is_open = b.c.confidentiality == Confidentiality.C1.value
    named = shown_by_name(actor)
    # How confidential they are counts where the caller does not reach, too.
    async with tx.beyond_scope():
        from_here = await _among(tx, ends, sa.or_(is_open, sa.and_(read, named)))
        to_there = await _among(tx, ends.values(), sa.or_(named, sa.not_(read)))
    return {one: end for one, end in ends.items() if one in from_here and end in to_there}


async def into(tx: Tx, actor: Actor, moments: Mapping[UUID, datetime]) -> list[dict[str, Any]]:
    """Those the caller may know of; of a masked one who may part it again is told the id alone."""
    named = shown_by_name(actor)
    rows = await tx.execute(
        sa.select(b.c.id, b.c.name, b.c.area, named.label("named")).where(
            b.c.id.in_(moments),
            allowed(actor, Action.BENEFICIARY_READ),
            sa.or_(named, within(actor, Action.BENEFICIARY_MERGE)),
        )
    )
    seen = {row.id: row for row in rows}
    return [
        {
            "id": one,
            "at": at,
            "name": seen[one].name if seen[one].named else None,
            "area": seen[one].area if seen[one].named else None,
        }
        for one, at in moments.items()
        if one in seen
    ]


async def whole(tx: Tx, actor: Actor, beneficiary_id: UUID) -> list[UUID]:
    """The record with those merged into it that the caller may know by name."""
    merged = await merges.into(tx, beneficiary_id)
    if not merged:
        return [beneficiary_id]
    known = sa.and_(allowed(actor, Action.BENEFICIARY_READ), shown_by_name(actor))
    return [beneficiary_id, *await _among(tx, merged, known)]


async def _among(tx: Tx, ids: Collection[UUID], rule: sa.ColumnElement[bool]) -> set[UUID]:
    return {row.id for row in await tx.execute(sa.select(b.c.id).where(b.c.id.in_(ids), rule))}
