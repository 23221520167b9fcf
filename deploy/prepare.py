"""Prepares the database: roles, schemas, migrations, partitions. Safe to run at every start."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg

from shared.clock import utc_now
from shared.ddl import partition_statements
from shared.migrations import SERVICES, upgrade

_TRIGRAMS: Final = "create extension if not exists pg_trgm schema public"
_POWERLESS: Final = "nosuperuser nobypassrls nocreatedb nocreaterole"


def main() -> int:
    """Prepare everything named in the environment; says in one sentence what is wrong."""
    try:
        prepare(os.environ)
    except KeyError as error:
        sys.stderr.write(f"The setting {error.args[0]} is missing.\n")
        return 2
    except asyncpg.InsufficientPrivilegeError:
        sys.stderr.write(
            "The login of POSTGRES_URL may not prepare the database: "
            "make it the owner of the database and give it createrole.\n"
        )
        return 1
    except (OSError, asyncpg.PostgresError) as error:
        sys.stderr.write(f"The database cannot be prepared: {type(error).__name__}.\n")
        return 1
    return 0


def prepare(environment: Mapping[str, str], services: Sequence[str] = SERVICES) -> None:
    """Create roles and schemas, run all migrations, make the log's next partitions."""
    owner = environment["POSTGRES_URL"]
    asyncio.run(_roles_and_schemas(owner, environment, services))
    for service in services:
        upgrade(service, owner)
    asyncio.run(_partitions(owner, services))


async def _roles_and_schemas(
    owner: str, environment: Mapping[str, str], services: Sequence[str]
) -> None:
    connection = await _connect(owner)
    try:
        # Two preparations at once (two replicas starting) take turns.
        await connection.execute("select pg_advisory_lock(hashtext('sinergi-prepare'))")
        await connection.execute(_TRIGRAMS)
        for service in services:
            await connection.execute(f"create schema if not exists {service}")
            for suffix, setting in (("", "DATABASE_URL"), ("_worker", "WORKER_DATABASE_URL")):
                url = environment[f"{service.upper()}_{setting}"]
                await _role(connection, f"sinergi_{service}{suffix}", service, url)
    finally:
        await connection.close()


async def _partitions(owner: str, services: Sequence[str]) -> None:
    connection = await _connect(owner)
    try:
        for service in services:
            await connection.execute(f"set search_path = {service}, public")
            for statement in partition_statements(utc_now().date()):
                try:
                    await connection.execute(statement)
                except asyncpg.CheckViolationError:
                    # That month's rows already lie in the default partition: they stay there.
                    continue
    finally:
        await connection.close()


async def _connect(owner: str) -> asyncpg.Connection:
    return await asyncpg.connect(owner.replace("postgresql+asyncpg://", "postgresql://", 1))


async def _role(connection: asyncpg.Connection, role: str, schema: str, url: str) -> None:
    password = unquote(urlsplit(url).password or "")
    exists = await connection.fetchrow(
        "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole as is_powerful "
        "from pg_roles where rolname = $1",
        role,
    )
    if exists is None:
        await connection.execute(f"create role {role} {_POWERLESS}")
    elif exists["is_powerful"]:
        # Only then: on an existing role nobody but a superuser may name these, even to deny them.
        await connection.execute(f"alter role {role} {_POWERLESS}")
    quoted = await connection.fetchval("select quote_literal($1::text)", password)
    await connection.execute(f"alter role {role} login password {quoted}")
    await connection.execute(f"alter role {role} set search_path = {schema}, public")
    await connection.execute(f"grant usage on schema {schema} to {role}")


if __name__ == "__main__":
    sys.exit(main())
