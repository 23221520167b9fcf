"""Sign in with a password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.directory.domain.back_off import Source
from services.directory.domain.duty import day_of
from services.directory.domain.errors import BadCredentials, NoCurrentDuty
from services.directory.domain.passwords import Passwords
from services.directory.domain.session import LIFETIME, new_token, token_hash
from services.directory.storage import accounts, sessions, sign_in_attempts, workers
from services.directory.storage.accounts import Account
from services.directory.use_cases.worker_scope import actor_of
from shared.audit import record
from shared.auth import Actor
from shared.database import Database
from shared.logging import get_logger
from shared.policy import Action
from shared.row_scope import RowScope

_REFUSED: Final = "session.refused"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A sign-in; `address` is where the person's browser is, if known."""

    username: str
    password: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The one time the token itself is told."""

    token: str
    worker_id: UUID
    expires_at: datetime


async def open_session(
    command: OpenSession, *, database: Database, passwords: Passwords
) -> OpenedSession:
    """Open a session for a right password of a worker on duty.

    Raises `TooManyAttempts`, `BadCredentials` or `NoCurrentDuty`. The password is checked between
    two transactions, so that waiting for its turn holds no connection.
    """
    username = command.username.lower()
    by_account = Source.account(username)
    by_address = Source.address(command.address) if command.address else None
    others = [by_address] if by_address else []
    async with database.transaction() as tx:
        await sign_in_attempts.count(tx, [by_account, *others])
        account = await accounts.find(tx, username)
    fits = await passwords.fits(command.password, account.password_hash if account else None)
    if account is None or not fits:
        await _note_refusal(account, database)
        raise BadCredentials
    async with database.transaction(RowScope(actor=account.worker_id)) as tx:
        worker = await workers.get_own(tx, account.worker_id)
        actor = actor_of(worker, day_of(tx.now))
        if not actor.duties:
            raise NoCurrentDuty
        await sign_in_attempts.clear(tx, by_account, others)
        token, expires_at = new_token(), tx.now + LIFETIME
        if not await sessions.open_for(tx, account, token_hash(token), expires_at):
            raise BadCredentials
        await record(tx, actor, Action.SESSION_OPEN, [worker.id])
    return OpenedSession(token, worker.id, expires_at)


async def _note_refusal(account: Account | None, database: Database) -> None:
    get_logger().warning("sign_in_refused", worker_id=str(account.worker_id) if account else None)
    if account is not None:
        async with database.transaction() as tx:
            await record(tx, Actor(account.worker_id, "worker"), _REFUSED, [account.worker_id])
