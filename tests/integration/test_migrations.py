"""Migrations of every service: one head, up and down and up again, and nothing but the models."""

import asyncio
from collections.abc import Iterator
from datetime import date
from importlib import import_module

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from shared.ddl import partition_statements
from shared.migrations import SERVICES, downgrade, heads, upgrade
from tests.fixtures.stack import Stack

DATABASE = "migrations_trial"
OFFICER = """
    with known as (
        insert into registry.known_officers (worker_id, version, active)
        values (gen_random_uuid(), 3, true) returning worker_id
    )
    insert into registry.officer_duties (duty_id, worker_id, area, role, starts_on)
    select gen_random_uuid(), worker_id, '35.08', 'data_protection', '2024-01-01' from known
    returning worker_id
"""
WORKERS = (
    "select worker_id from registry.worker_duties join registry.known_workers using (worker_id)"
)
VOLUNTEER = """
    insert into registry.worker_duties (duty_id, worker_id, area, pillar, role, starts_on)
    select gen_random_uuid(), worker_id, '35.08.03.2005', 'PSM', 'worker', '2024-01-01'
    from registry.known_workers returning worker_id
"""
OFFICERS = """
    select worker_id from registry.officer_duties join registry.known_officers using (worker_id)
"""


@pytest.fixture(scope="module")
def trial_url(stack: Stack) -> Iterator[str]:
    """An empty database beside the others, with every service's schema."""
    url = stack.owner_url.rpartition("/")[0] + f"/{DATABASE}"

    async def make() -> None:
        owner = await asyncpg.connect(stack.owner_url)
        await owner.execute(f"drop database if exists {DATABASE} with (force)")
        await owner.execute(f"create database {DATABASE}")
        await owner.close()
        trial = await asyncpg.connect(url)
        await trial.execute("create extension pg_trgm schema public")
        for service in SERVICES:
            await trial.execute(f"create schema {service}")
        await trial.close()

    asyncio.run(make())
    yield url

    async def drop() -> None:
        owner = await asyncpg.connect(stack.owner_url)
        await owner.execute(f"drop database {DATABASE} with (force)")
        await owner.close()

    asyncio.run(drop())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_a_single_newest_revision(service: str) -> None:
    assert len(heads(service)) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_a_schema_goes_up_down_and_up_again_and_equals_the_models(
    service: str, trial_url: str
) -> None:
    upgrade(service, trial_url)
    downgrade(service, trial_url, "base")
    assert asyncio.run(_tables(trial_url, service)) == {"alembic_version"}
    upgrade(service, trial_url)
    metadata = import_module(f"services.{service}.storage.tables").metadata
    assert asyncio.run(_differences(trial_url, service, metadata)) == []


def test_the_comparison_notices_a_table_the_models_do_not_have(trial_url: str) -> None:
    upgrade("cases", trial_url)
    stranger = sa.MetaData()
    sa.Table("stranger", stranger, sa.Column("id", sa.Integer, primary_key=True))
    assert asyncio.run(_differences(trial_url, "cases", stranger)) != []


def test_who_answers_for_data_is_known_before_and_after_all_workers_are(trial_url: str) -> None:
    upgrade("registry", trial_url)
    downgrade("registry", trial_url, "0022")
    officer = asyncio.run(_told(trial_url, OFFICER))
    upgrade("registry", trial_url, "0023")
    assert asyncio.run(_told(trial_url, WORKERS)) == officer
    asyncio.run(_told(trial_url, VOLUNTEER))
    downgrade("registry", trial_url, "0022")
    assert asyncio.run(_told(trial_url, OFFICERS)) == officer
    downgrade("registry", trial_url, "base")
    upgrade("registry", trial_url)


def test_partitions_of_the_log_reach_a_year_ahead_and_cross_the_year() -> None:
    statements = partition_statements(date(2026, 11, 23))
    assert "event_log_2026_11" in statements[0]
    assert any("event_log_2027_01" in one for one in statements)
    assert "event_log_2027_11" in statements[-1]


async def _tables(url: str, schema: str) -> set[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("select tablename from pg_tables where schemaname = $1", schema)
    await connection.close()
    return {row["tablename"] for row in rows}


async def _told(url: str, sql: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(sql)
    await connection.close()
    return [tuple(row) for row in rows]


async def _differences(url: str, service: str, metadata: sa.MetaData) -> list[object]:
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        connect_args={"server_settings": {"search_path": f"{service}, public"}},
    )

    def compare(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _parents: (
                    not (kind == "table" and (name == "alembic_version" or _is_partition(name)))
                ),
            },
        )
        return list(compare_metadata(context, metadata))

    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


def _is_partition(name: str | None) -> bool:
    return name is not None and name.startswith("event_log_")
