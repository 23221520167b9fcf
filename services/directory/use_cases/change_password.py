"""Change one's own password."""

from dataclasses import dataclass

from services.directory.domain.back_off import Source
from services.directory.domain.errors import WrongPassword
from services.directory.domain.passwords import Passwords, require_strong
from services.directory.storage import accounts, sessions, sign_in_attempts
from shared.audit import record
from shared.auth import Actor
from shared.database import Database
from shared.errors import VersionConflict
from shared.policy import Action


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """The password in use and the one to use from now on."""

    current_password: str
    new_password: str


async def change_password(
    command: ChangePassword, *, actor: Actor, database: Database, passwords: Passwords
) -> None:
    """Set the new password and end every session of the worker.

    Raises `TooManyAttempts`, `WeakPassword` or `WrongPassword`. As at sign-in, no transaction is
    open while passwords are worked on.
    """
    async with database.transaction() as tx:
        account = await accounts.of_worker(tx, actor.id)
        require_strong(command.new_password, account.username, "/new_password")
        source = Source.account(account.username)
        await sign_in_attempts.count(tx, [source])
    if not await passwords.fits(command.current_password, account.password_hash):
        raise WrongPassword(WrongPassword.title + ".", "/current_password")
    password_hash = await passwords.hash(command.new_password)
    async with database.transaction() as tx:
        if not await accounts.change_password(tx, account, password_hash):
            raise VersionConflict
        await sessions.end_all(tx, actor.id)
        await sign_in_attempts.clear(tx, source, [])
        await record(tx, actor, Action.PASSWORD_CHANGE, [actor.id])
