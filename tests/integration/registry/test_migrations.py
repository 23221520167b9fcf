from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from services.registry.storage.tables import metadata
from tests.fixtures.stack import Stack


def differences(connection: sa.Connection) -> list[Any]:
    def ours(item: Any, name: str | None, kind: str, *_: Any) -> bool:
        return kind != "table" or not str(name).startswith(("event_log_", "alembic"))

    context = MigrationContext.configure(
        connection, opts={"include_object": ours, "compare_server_default": True}
    )
    return list(compare_metadata(context, metadata))


async def test_the_declared_tables_equal_the_migrated_schema(stack: Stack) -> None:
    engine = create_async_engine(
        stack.owner_url.replace("postgresql://", "postgresql+asyncpg://"),
        connect_args={"server_settings": {"search_path": "registry"}},
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


@pytest.mark.parametrize(
    "values",
    [
        "kind = 'person', nik_absent_reason = null",
        "kind = 'family'",
        "birth_precision = 'day', birth_year = 1990, birth_on = '1991-01-01'",
        "birth_precision = 'year', birth_year = null",
        "confidentiality = 'C4'",
        "area = '35.08'",
        "size = 5",
        "latitude = -8.1",
        "latitude = 0, longitude = 0",
        "disabilities = '{deaf}'",
        "kind = 'family', nik_absent_reason = null, aliases = '{Mbah}'",
        "name = ''",
    ],
)
async def test_the_database_itself_refuses_a_record_that_cannot_be(
    owner: asyncpg.Connection, values: str
) -> None:
    await owner.execute(
        """
        insert into beneficiaries (id, version, kind, name, name_key, nik_absent_reason, area,
            categories, confidentiality, registered_by, registered_at, changed_at)
        values (gen_random_uuid(), 1, 'person', 'N', 'n', 'lost', '35.08.03.2005',
            '{LUT}', 'C1', gen_random_uuid(), now(), now())
        """
    )
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(f"update beneficiaries set {values}")  # noqa: S608 - ours
