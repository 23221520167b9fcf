"""Glass broken for a referral: who may read it for a while although outside its circle."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Tx

_BREAK_SQL: Final = """
    insert into glass_grants (referral_id, worker_id, reason, at, until, told)
    values ($1, $2, $3, now(), $4, $5)
    on conflict (referral_id, worker_id) do update
    set reason = excluded.reason, at = excluded.at, until = excluded.until, told = excluded.told
"""
_BROKEN_SQL: Final = """
    select exists (
        select from glass_grants where referral_id = $1 and worker_id = $2 and until > now()
    )
"""
_TOLD_SQL: Final = """
    select exists (select from glass_grants where referral_id = $1 and $2 = any(told))
"""


async def grant(
    tx: Tx,
    referral_id: UUID,
    worker_id: UUID,
    *,
    reason: str,
    until: datetime,
    told: Sequence[UUID],
) -> None:
    """Let this worker read the referral until then; those told of it may look into it."""
    await tx.fetch(_BREAK_SQL, referral_id, worker_id, reason, until, list(told))


async def was_told(tx: Tx, referral_id: UUID, worker_id: UUID) -> bool:
    """Whether this worker was told that somebody broke the glass of this referral."""
    return bool(await tx.fetchval(_TOLD_SQL, referral_id, worker_id))


async def is_broken(tx: Tx, referral_id: UUID, worker_id: UUID) -> bool:
    """Whether this worker may read the referral by an emergency that has not run out."""
    return bool(await tx.fetchval(_BROKEN_SQL, referral_id, worker_id))
