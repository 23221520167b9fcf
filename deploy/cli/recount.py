"""`sinergi registry recount`: counts per area anew, after rows were loaded past the triggers."""

import asyncio
import sys

import asyncpg

from deploy.cli.running import effective_environment
from deploy.embedded.problem import Problem
from services.registry.storage.area_counts import RECOUNT_SQL

_SETTING = "REGISTRY_WORKER_DATABASE_URL"


def recount() -> None:
    """Count the records of each area anew; registering waits until it is done."""
    url = effective_environment().get(_SETTING)
    if not url:
        raise Problem(f"{_SETTING} is not set, and no Sinergi runs on this data folder.")
    try:
        counted = asyncio.run(_recount(url))
    except (OSError, asyncpg.PostgresError) as error:
        raise Problem(f"The records cannot be counted: {type(error).__name__}.") from error
    sys.stdout.write(f"{counted:,} records counted.\n")


async def _recount(url: str) -> int:
    """In one transaction of its own: it may take longer than a request."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for statement in RECOUNT_SQL:
                await connection.execute(statement)
        counted: int = await connection.fetchval("select count(*) from registry.counted_records")
    finally:
        await connection.close()
    return counted
