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


def main() -> int:
    """Prepare everything named in the environment; says in one sentence what is wrong."""
    try:
        prepare(os.environ)
    except KeyError as error:
        sys.stderr.write(f"The setting {error.args[0]} is missing.\n")
        return 2
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
    exists = await connection.fetchval("select 1 from pg_roles where rolname = $1", role)
    verb = "alter" if exists else "create"
    quoted = await connection.fetchval("select quote_literal($1::text)", password)
    await connection.execute(
        f"{verb} role {role} login nosuperuser nobypassrls nocreatedb nocreaterole "
        f"password {quoted}"
    )
    await connection.execute(f"alter role {role} set search_path = {schema}, public")
    await connection.execute(f"grant usage on schema {schema} to {role}")


if __name__ == "__main__":
    sys.exit(main())
