"""Failed attempts to sign in; in PostgreSQL they count in every process and without Redis."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from services.directory.domain.back_off import FORGOTTEN_AFTER, Attempts, Source
from services.directory.domain.errors import TooManyAttempts
from shared.database import Tx

_HELD_SQL: Final = """
    select key, failures, last_at, blocked_until from sign_in_attempts
    where key = any($1) order by key for update
"""
_PUT_SQL: Final = """
    insert into sign_in_attempts as kept (key, failures, last_at, blocked_until)
    select * from unnest($1::bytea[], $2::int[], $3::timestamptz[], $4::timestamptz[])
    on conflict (key) do update set
        failures = excluded.failures, last_at = excluded.last_at,
        blocked_until = greatest(kept.blocked_until, excluded.blocked_until)
"""
_FORGIVE_SQL: Final = """
    update sign_in_attempts set failures = greatest(failures - 1, 0), blocked_until = $2
    where key = any($1)
"""
_FORGET_SQL: Final = "delete from sign_in_attempts where key = $1"
_FORGET_OLD_SQL: Final = "delete from sign_in_attempts where last_at < $1"


async def count(tx: Tx, sources: Sequence[Source]) -> None:
    """Count an attempt as failed before its password is checked, so that a burst counts too.

    Raises `TooManyAttempts` for a source that has to wait; then nothing is counted.
    """
    ordered = sorted(sources, key=lambda source: source.key)
    keys = [source.key for source in ordered]
    held = {
        row["key"]: Attempts(row["failures"], row["last_at"], row["blocked_until"])
        for row in await tx.fetch(_HELD_SQL, keys)
    }
    before = [held.get(key, Attempts()) for key in keys]
    wait = max(attempts.wait(tx.now) for attempts in before).total_seconds()
    if wait > 0:
        raise TooManyAttempts(retry_after=ceil(wait))
    after = [
        attempts.one_more(tx.now, source.free)
        for attempts, source in zip(before, ordered, strict=True)
    ]
    await tx.fetch(
        _PUT_SQL,
        keys,
        [attempts.failures for attempts in after],
        [attempts.last_at for attempts in after],
        [attempts.blocked_until for attempts in after],
    )


async def clear(tx: Tx, account: Source, others: Sequence[Source]) -> None:
    """The password was right: forget the account's failures, take this one off the others."""
    await tx.fetch(_FORGET_SQL, account.key)
    await tx.fetch(_FORGIVE_SQL, sorted(source.key for source in others), tx.now)


async def forget_old(tx: Tx) -> None:
    """Delete what counts no more."""
    await tx.fetch(_FORGET_OLD_SQL, tx.now - FORGOTTEN_AFTER)
