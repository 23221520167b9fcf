"""COPY of many rows past what would do their work one by one."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import asyncpg

Row = tuple[Any, ...]


@contextlib.asynccontextmanager
async def bare_tables(
    connection: asyncpg.Connection, schema: str, tables: Sequence[str]
) -> AsyncIterator[None]:
    """Inside, the tables have no index but their keys, and no trigger runs; then all is as before.

    What a trigger keeps must be counted anew by the caller.
    """
    indexes = await connection.fetch(
        "select indexname, indexdef from pg_indexes where schemaname = $1"
        " and tablename = any($2) and indexname !~ '^(pk|uq)_'",
        schema,
        list(tables),
    )
    # References are there: asking for each a million times would be half of the work.
    await connection.execute("set session_replication_role = replica")
    for index in indexes:
        await connection.execute(f"drop index {schema}.{index['indexname']}")
    yield
    await connection.execute("set maintenance_work_mem = '512MB'")
    for index in indexes:
        await connection.execute(index["indexdef"])
    await connection.execute("set session_replication_role = origin")


async def copy(
    connection: asyncpg.Connection,
    schema: str,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
) -> None:
    """COPY the rows into these columns."""
    await connection.copy_records_to_table(table, schema_name=schema, columns=columns, records=rows)


async def settle(connection: asyncpg.Connection, schema: str, tables: Sequence[str]) -> None:
    """Do what PostgreSQL would do about so many new rows while others are being measured."""
    for table in tables:
        await connection.execute(f"vacuum (analyze) {schema}.{table}")
    await connection.execute("checkpoint")
