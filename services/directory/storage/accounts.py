"""Accounts: a username and a password hash for each worker."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.directory.domain.errors import UsernameTaken
from shared.database import Tx
from shared.errors import NotFound

_ADD_SQL: Final = """
    insert into accounts (worker_id, username, password_hash) values ($1, $2, $3)
    on conflict (username) do nothing returning true
"""
_FIND_SQL: Final = "select worker_id, username, password_hash from accounts where username = $1"
_OF_WORKER_SQL: Final = """
    select worker_id, username, password_hash from accounts where worker_id = $1
"""
_CHANGE_SQL: Final = """
    update accounts set password_hash = $3, password_changed_at = $4
    where worker_id = $1 and password_hash = $2 returning true
"""


@dataclass(frozen=True, slots=True)
class Account:
    """How one worker signs in."""

    worker_id: UUID
    username: str
    password_hash: str


async def add(tx: Tx, account: Account) -> None:
    """Give a worker an account; raises `UsernameTaken`."""
    if not await tx.fetchval(_ADD_SQL, account.worker_id, account.username, account.password_hash):
        raise UsernameTaken


async def find(tx: Tx, username: str) -> Account | None:
    """The account with this username, if any."""
    row = await tx.fetchrow(_FIND_SQL, username)
    return Account(**dict(row)) if row else None


async def of_worker(tx: Tx, worker_id: UUID) -> Account:
    """The account of a worker; raises `NotFound`."""
    row = await tx.fetchrow(_OF_WORKER_SQL, worker_id)
    if row is None:
        raise NotFound
    return Account(**dict(row))


async def change_password(tx: Tx, checked: Account, password_hash: str) -> bool:
    """Replace the password that was checked; False when it is another one by now."""
    return bool(
        await tx.fetchval(
            _CHANGE_SQL, checked.worker_id, checked.password_hash, password_hash, tx.now
        )
    )
