"""Who read or changed a record."""

import re
from typing import Any, Final
from uuid import UUID

from services.registry.storage import queries
from services.registry.storage.standing import known_by_name
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def read_audit_trail(
    beneficiary_id: UUID, *, before: int | None, limit: int, tx: Tx, actor: Actor
) -> list[dict[str, Any]]:
    """One page of the trail, newest first; raises `NotFound` out of scope.

    Of a hidden record it names no other record, which would tell whose it is.

    The look is itself written to the trail, after the page was read.
    """
    if not await queries.is_within(tx, actor, Action.AUDIT_READ, beneficiary_id):
        raise NotFound
    rows = await queries.trail(tx, beneficiary_id, before=before, limit=limit)
    await audit.record(tx, actor, "audit.read", [beneficiary_id])
    if beneficiary_id not in await known_by_name(tx, actor, [beneficiary_id]):
        rows = [{**row, "detail": _without_id(row["detail"])} for row in rows]
    return rows


def _without_id(detail: str | None) -> str | None:
    return None if detail and _ID.fullmatch(detail) else detail
