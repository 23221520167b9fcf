"""Open sessions, by the hash of their token."""

from datetime import datetime
from typing import Final
from uuid import UUID

from services.directory.domain.session import IDLE
from services.directory.storage.accounts import Account
from shared.database import Tx

# The shared lock waits for a change of password under way, so that no session opened with the
# old password outlives it.
_OPEN_SQL: Final = """
    insert into sessions (token_hash, worker_id, opened_at, used_at, expires_at)
    select $3, worker_id, $4, $4, $5 from accounts
    where worker_id = $1 and password_hash = $2 for share
    returning true
"""
_USE_SQL: Final = """
    update sessions set used_at = $2
    where token_hash = $1 and used_at > $3 and expires_at > $2
    returning worker_id
"""
_END_SQL: Final = "delete from sessions where token_hash = $1"
_END_ALL_SQL: Final = "delete from sessions where worker_id = $1"
_FORGET_SQL: Final = "delete from sessions where used_at <= $1 or expires_at <= $2"


async def open_for(tx: Tx, checked: Account, token_hash: bytes, expires_at: datetime) -> bool:
    """Open a session; False when the password that was checked is another one by now."""
    return bool(
        await tx.fetchval(
            _OPEN_SQL,
            checked.worker_id,
            checked.password_hash,
            token_hash,
            tx.now,
            expires_at,
        )
    )


async def use(tx: Tx, token_hash: bytes) -> UUID | None:
    """Whose session this is, marked as used now; None when there is none or it is over."""
    worker_id: UUID | None = await tx.fetchval(_USE_SQL, token_hash, tx.now, tx.now - IDLE)
    return worker_id


async def end(tx: Tx, token_hash: bytes) -> None:
    """End one session, if it is open."""
    await tx.fetch(_END_SQL, token_hash)


async def end_all(tx: Tx, worker_id: UUID) -> None:
    """End every session of a worker."""
    await tx.fetch(_END_ALL_SQL, worker_id)


async def forget_over(tx: Tx) -> None:
    """Delete sessions that can no longer be used."""
    await tx.fetch(_FORGET_SQL, tx.now - IDLE, tx.now)
