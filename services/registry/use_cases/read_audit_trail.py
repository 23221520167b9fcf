"""Who read or changed a record."""

from typing import Any
from uuid import UUID

from services.registry.storage import queries
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action


async def read_audit_trail(
    beneficiary_id: UUID, *, before: int | None, limit: int, tx: Tx, actor: Actor
) -> list[dict[str, Any]]:
    """One page of the trail, newest first; raises `NotFound` out of scope.

    The look is itself written to the trail, after the page was read.
    """
    if not await queries.is_within(tx, actor, Action.AUDIT_READ, beneficiary_id):
        raise NotFound
    rows = await queries.trail(tx, beneficiary_id, before=before, limit=limit)
    await audit.record(tx, actor, "audit.read", [beneficiary_id])
    return rows
