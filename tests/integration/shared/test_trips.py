"""Statements that share a round trip, on PostgreSQL: their scope, their order, their faults."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.database import Database, Tx
from shared.row_scope import RowScope
from shared.trips import Opening, Write
from tests.fixtures.processes import until
from tests.fixtures.stack import Stack

ACTOR = uuid.uuid4()
CANCEL = """
    select pid, pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'
"""
COUNT = "select count(*) from idempotency_keys"


def _mine(first: int) -> str:
    return f"select count(*) + ${first}::bigint from idempotency_keys cross join context"  # noqa: S608 - parameter numbers


def _claims(first: int) -> str:
    return f"""
        insert into idempotency_keys (actor_id, key, fingerprint)
        select ${first}::uuid, ${first + 1}::text, '' from context
        on conflict do nothing returning true
    """  # noqa: S608 - parameter numbers


def _key(first: int) -> str:
    return f"""
        kept as (insert into idempotency_keys (actor_id, key, fingerprint)
                 values (${first}::uuid, ${first + 1}::text, ''))
    """  # noqa: S608 - parameter numbers


def _marked(first: int) -> str:
    return f"""
        marked as (update idempotency_keys set status = ${first + 2}::smallint
                   where actor_id = ${first}::uuid and key = ${first + 1}::text)
    """  # noqa: S608 - parameter numbers


KEY = Write(_key, 2)
MARK = Write(_marked, 3)


@pytest.fixture
async def database(clean: Stack) -> AsyncIterator[Database]:
    made = Database(clean.environment["CASES_DATABASE_URL"], pool_size=2)
    yield made
    await made.close()


def claim(key: str) -> Opening:
    return Opening(_claims, ACTOR, key)


async def test_an_opening_runs_inside_the_scope_of_its_transaction(database: Database) -> None:
    async with database.transaction(RowScope(ACTOR), openings=[claim("first")]) as tx:
        assert tuple(tx.opened) == (True,)
    asked = Opening(_mine, 0)
    async with database.transaction(RowScope(ACTOR), openings=[asked]) as tx:
        assert tuple(tx.opened) == (1,), "the wall lets its own row through"
    for other in (RowScope(uuid.uuid4()), RowScope()):
        async with database.transaction(other, openings=[asked]) as tx:
            assert tuple(tx.opened) == (0,)


async def test_several_openings_answer_in_their_order(database: Database) -> None:
    openings = [Opening(_mine, 40), claim("once"), Opening(_mine, 7)]
    for claimed, before in ((True, 0), (None, 1)):
        async with database.transaction(RowScope(ACTOR), openings=openings) as tx:
            assert tuple(tx.opened) == (40 + before, claimed, 7 + before)


def _sleeping(_first: int) -> str:
    return "select pg_sleep(30) from context"


async def test_an_opening_that_takes_too_long_is_no_loss_of_the_database(
    database: Database,
) -> None:
    cut: list[int] = []

    async def is_cut() -> bool:
        async with database.transaction() as tx:
            cut.extend(row["pid"] for row in await tx.fetch(CANCEL))
        return bool(cut)

    waiting = asyncio.create_task(_opened(database, Opening(_sleeping)))
    await until(is_cut)
    with pytest.raises(asyncpg.QueryCanceledError):
        await waiting
    async with database.transaction() as tx, database.transaction() as other:
        used = {await one.fetchval("select pg_backend_pid()") for one in (tx, other)}
    assert used.isdisjoint(cut), "its connection is not used again"


async def _opened(database: Database, opening: Opening) -> None:
    async with database.transaction(openings=[opening]):
        pass


async def test_a_waiting_write_is_done_before_any_other_statement(database: Database) -> None:
    async with database.transaction(RowScope(ACTOR)) as tx:
        await tx.write(KEY, (ACTOR, "waiting"))
        assert await tx.fetchval(COUNT) == 1


async def test_waiting_writes_are_done_with_the_commit(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.transaction(RowScope(ACTOR)) as tx:
        for key in ("one", "two", "three"):
            await tx.write(KEY, (ACTOR, key))
    kept = await owner.fetch("select key from idempotency_keys order by key")
    assert [row["key"] for row in kept] == ["one", "three", "two"]


async def test_a_write_of_another_kind_rides_along(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.transaction(RowScope(ACTOR)) as tx:
        await tx.write(KEY, (ACTOR, "old"))
    async with database.transaction(RowScope(ACTOR)) as tx:
        await tx.write(KEY, (ACTOR, "new"))
        await tx.write(MARK, (ACTOR, "old", 201))
    rows = await owner.fetch("select key, status from idempotency_keys order by key")
    assert [tuple(row) for row in rows] == [("new", None), ("old", 201)]


async def test_a_fault_of_a_waiting_write_undoes_the_whole_transaction(
    database: Database, owner: asyncpg.Connection
) -> None:
    async def twice(tx: Tx) -> None:
        await tx.write(KEY, (ACTOR, "same"))
        await tx.write(KEY, (ACTOR, "same"))

    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction(RowScope(ACTOR)) as tx:
            await twice(tx)
    assert await owner.fetchval(COUNT) == 0


async def test_what_waits_in_a_savepoint_that_fails_is_never_done(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.transaction(RowScope(ACTOR)) as tx:
        await tx.write(KEY, (ACTOR, "before"))
        with contextlib.suppress(LookupError):
            async with tx.savepoint():
                await tx.write(KEY, (ACTOR, "inside"))
                raise LookupError
        async with tx.savepoint():
            await tx.write(KEY, (ACTOR, "after"))
    kept = await owner.fetch("select key from idempotency_keys order by key")
    assert [row["key"] for row in kept] == ["after", "before"]


@pytest.mark.parametrize(("patient", "at_most"), [(False, "5s"), (True, "0")])
async def test_an_operators_command_may_take_longer_than_a_request(
    stack: Stack, *, patient: bool, at_most: str
) -> None:
    database = Database(stack.environment["REGISTRY_WORKER_DATABASE_URL"], patient=patient)
    async with database.transaction() as tx:
        assert await tx.fetchval("show statement_timeout") == at_most
    await database.close()
