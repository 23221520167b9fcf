import uuid
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql

from services.registry.storage.lists import Search, search_statement
from services.registry.storage.name_search import OWN, OWN_SQL
from shared.auth import Actor
from shared.database import Database
from shared.row_scope import NO_SCOPE, RowScope
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.registry.conftest import PRONOJIWO, Register

PEOPLE = 20_000
PERSONAL = ("beneficiaries", "category_periods", "legal_bases", "services_received")


@pytest.fixture
async def api_db(clean: Stack) -> AsyncIterator[Database]:
    """Registry's database under the role of its API."""
    database = Database(clean.environment["REGISTRY_DATABASE_URL"], pool_size=2)
    yield database
    await database.close()


async def count(database: Database, scope: RowScope, table: str) -> int:
    async with database.transaction(scope) as tx:
        found: int = await tx.fetchval(f"select count(*) from {table}")  # noqa: S608 - ours
        return found


@pytest.mark.parametrize("table", PERSONAL[:3])
async def test_without_a_scope_the_api_sees_no_row(
    api_db: Database, psm: Actor, register: Register, owner: asyncpg.Connection, table: str
) -> None:
    await register(psm)
    assert await owner.fetchval(f"select count(*) from {table}") == 1  # noqa: S608 - ours
    assert await count(api_db, NO_SCOPE, table) == 0
    assert await count(api_db, RowScope(uuid.uuid4()), table) == 0


@pytest.mark.parametrize("table", PERSONAL[:3])
async def test_the_wall_lets_through_the_area_the_registrar_and_the_named(
    api_db: Database, psm: Actor, register: Register, owner: asyncpg.Connection, table: str
) -> None:
    await register(psm)
    named = uuid.uuid4()
    await owner.execute("update beneficiaries set granted_to = array[$1::uuid]", named)
    assert await count(api_db, RowScope(None, "35.08", "35.08/"), table) == 1
    assert await count(api_db, RowScope(None, "35.09", "35.09/"), table) == 0
    assert await count(api_db, RowScope(psm.id), table) == 1
    assert await count(api_db, RowScope(named), table) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "delete from beneficiaries",
        "update beneficiaries set granted_to = '{}'",
        "update beneficiaries set registered_by = gen_random_uuid()",
        "update beneficiaries set kind = 'family'",
        "delete from audit_log",
        "update audit_log set action = 'x'",
        "update audit_seals set hash = ''",
        "insert into access_grants values (gen_random_uuid(), gen_random_uuid(), null, 1)",
        "update event_log set data = ''",
    ],
)
async def test_the_api_role_has_no_right_it_does_not_need(api_db: Database, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with api_db.transaction(RowScope(uuid.uuid4(), "0", ":")) as tx:
            await tx.fetch(statement)


@pytest.fixture
async def crowd(owner: asyncpg.Connection) -> None:
    """Twenty thousand people in two villages, most of them in the other one."""
    await owner.execute(
        """
        insert into beneficiaries (id, version, kind, name, name_key, nik_absent_reason, area,
            categories, confidentiality, registered_by, registered_at, changed_at)
        select gen_random_uuid(), 1, 'person', 'N', md5(n::text), 'lost',
               case when n % 200 = 0 then $1 else $2 end, '{LUT}', 'C1',
               gen_random_uuid(), now(), now()
        from generate_series(1, $3::int) n
        """,
        SUMBERWULUH,
        PRONOJIWO,
        PEOPLE,
    )
    await owner.execute("analyze beneficiaries")


async def plan(api_db: Database, actor: Actor, search: Search) -> str:
    """How PostgreSQL answers this list for this caller, behind the wall."""
    statement = search_statement(actor, search).compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
        compile_kwargs={"literal_binds": True},
    )
    async with api_db.transaction(actor.row_scope()) as tx:
        rows = await tx.fetch(f"explain {statement}")
    return "\n".join(row[0] for row in rows)


async def test_a_village_list_is_read_through_the_area_index(
    api_db: Database, crowd: None, psm: Actor
) -> None:
    answer = await plan(api_db, psm, Search())
    assert "ix_beneficiaries_area" in answer, answer
    assert "Seq Scan on beneficiaries" not in answer, answer


async def test_the_callers_own_records_elsewhere_are_found_without_reading_their_area(
    api_db: Database, crowd: None, make_actor: Callable[..., Actor]
) -> None:
    there = make_actor("PSM", PRONOJIWO)
    scope = there.row_scope()
    async with api_db.transaction(scope) as tx:
        rows = await tx.fetch(f"explain {OWN_SQL}", there.id, scope.area_from, scope.area_to, OWN)
    answer = "\n".join(row[0] for row in rows)
    assert "ix_beneficiaries_area" not in answer, answer
    assert "Seq Scan on beneficiaries" not in answer, answer
