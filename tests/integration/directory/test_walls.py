"""Row-level security: what each login role sees, whatever the application asks."""

import uuid

import asyncpg
import pytest

from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.database import Database
from shared.row_scope import NO_SCOPE, RowScope
from tests.conftest import CANDIPURO, LUMAJANG, SUMBERWULUH
from tests.integration.directory.conftest import Api, Employ, Person, days, held

TABLES = {
    "workers": "id",
    "duties": "worker_id",
    "absences": "worker_id",
}


def scope_of(area: str) -> RowScope:
    return Actor(uuid.uuid4(), "worker", (Duty("PSM", area, Role.WORKER),)).row_scope()


async def seen(database: Database, scope: RowScope) -> dict[str, set[uuid.UUID]]:
    async with database.transaction(scope) as tx:
        return {
            table: {row[0] for row in await tx.fetch(f"select {column} from {table}")}  # noqa: S608 - our own names
            for table, column in TABLES.items()
        }


@pytest.fixture
async def people(api: Api, employ: Employ) -> dict[str, Person]:
    """One worker in a village, one in another kabupaten, one in both; each announced absence."""
    made = {
        "village": await employ(held("PSM", SUMBERWULUH)),
        "jember": await employ(held("PSM", "35.09.01")),
        "both": await employ(held("PSM", SUMBERWULUH), held("TKSK", "35.09.01")),
    }
    for person in made.values():
        body = {"from": str(days(1)), "to": str(days(2))}
        answer = await api(person.actor).post(f"/workers/{person.id}/absence", json=body)
        assert answer.status_code == 201, answer.text
    return made


async def test_no_scope_lets_no_row_through(database: Database, people: dict[str, Person]) -> None:
    assert people
    assert await seen(database, NO_SCOPE) == {table: set() for table in TABLES}


async def test_an_area_lets_its_own_workers_through(
    database: Database, people: dict[str, Person]
) -> None:
    village, jember, both = (people[name].id for name in ("village", "jember", "both"))
    for area in (SUMBERWULUH, CANDIPURO, LUMAJANG):
        rows = await seen(database, scope_of(area))
        assert rows == {table: {village, both} for table in TABLES}
    rows = await seen(database, scope_of("35.09.01"))
    assert rows == {table: {jember, both} for table in TABLES}
    rows = await seen(database, scope_of("35.10"))
    assert rows == {table: set() for table in TABLES}


async def test_a_worker_sees_the_own_rows_wherever_they_lie(
    database: Database, people: dict[str, Person]
) -> None:
    both = people["both"]
    rows = await seen(database, RowScope(actor=both.id))
    assert rows == {table: {both.id} for table in TABLES}


async def test_a_row_out_of_scope_cannot_be_changed(
    database: Database, people: dict[str, Person]
) -> None:
    async with database.transaction(scope_of("35.09")) as tx:
        changed = await tx.fetch("update workers set name = 'x' returning id")
    assert {row["id"] for row in changed} == {people["jember"].id, people["both"].id}


@pytest.mark.parametrize("table", ["workers", "duties", "absences", "accounts", "event_log"])
async def test_no_login_role_may_delete_what_directory_owns(
    database: Database, worker_db: Database, table: str
) -> None:
    for login in (database, worker_db):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with login.transaction() as tx:
                await tx.fetch(f"delete from {table}")  # noqa: S608 - our own names
