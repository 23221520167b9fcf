"""What `sinergi up` must know of a PostgreSQL that the operator gave, before it writes a file."""

from collections.abc import Mapping

import asyncpg

from deploy.embedded.problem import Problem

_CONNECT_SECONDS = 10.0
_KEYS = ("REGISTRY_NIK_KEYS", "REGISTRY_NIK_INDEX_KEY", "CASES_ATTACHMENT_KEYS")
_IS_OLD = """
    select exists (
        select from pg_tables where schemaname = 'registry' and tablename = 'beneficiaries'
    )
"""


async def needs_kept_keys(url: str, given: Mapping[str, str]) -> bool:
    """Say whether the database was filled under keys that the settings do not give.

    Raises a Problem when it does not answer.
    """
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as error:
        raise Problem(
            f"PostgreSQL does not answer ({type(error).__name__}): start it, "
            "and check host, port, user, password and database in POSTGRES_URL."
        ) from error
    try:
        is_old = await connection.fetchval(_IS_OLD)
    finally:
        await connection.close()
    return bool(is_old) and not all(given.get(name) for name in _KEYS)
