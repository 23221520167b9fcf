"""Forget what no sign-in needs any more."""

from services.directory.storage import sessions, sign_in_attempts
from shared.database import Tx


async def forget_old_sign_ins(*, tx: Tx) -> None:
    """Delete sessions that are over and failed attempts that count no more."""
    await sessions.forget_over(tx)
    await sign_in_attempts.forget_old(tx)
