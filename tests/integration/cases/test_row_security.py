"""The second wall: what the API's own database role can see, whatever the code asks."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from shared.auth import Actor
from shared.database import Database
from shared.row_scope import RowScope
from tests.fixtures.stack import Stack
from tests.integration.cases.conftest import Owner
from tests.integration.cases.seeding import put

CONTEXT = """
    select set_config('app.actor', $1, false), set_config('app.area_from', $2, false),
           set_config('app.area_to', $3, false)
"""
COUNT = "select count(*) from referrals"


@pytest.fixture
async def role(clean: Stack) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the API logs in: never the owner."""
    connection = await asyncpg.connect(clean.environment["CASES_DATABASE_URL"])
    yield connection
    await connection.close()


async def visible(role: asyncpg.Connection, scope: RowScope) -> int:
    await role.execute("begin")
    try:
        actor = str(scope.actor) if scope.actor else ""
        await role.fetch(CONTEXT, actor, scope.area_from, scope.area_to)
        count: int = await role.fetchval(COUNT)
        return count
    finally:
        await role.execute("rollback")


async def test_without_a_context_the_api_role_sees_no_referral(
    role: asyncpg.Connection, psm: Actor, worker_db: Database
) -> None:
    for _ in range(3):
        await put(worker_db, psm)
    assert await role.fetchval("select current_user") == "sinergi_cases"
    assert await role.fetchval(COUNT) == 0
    assert await visible(role, RowScope()) == 0
    assert await visible(role, Actor(psm.id, "worker").row_scope()) == 3, "its own are seen"
    # A context ends with its transaction, so the next user of the connection inherits nothing.
    assert await role.fetchval(COUNT) == 0


async def test_each_context_lets_through_its_area_its_own_and_no_more(
    role: asyncpg.Connection,
    psm: Actor,
    tksk: Actor,
    make_actor: Callable[..., Actor],
    worker_db: Database,
) -> None:
    far_sender = make_actor("PSM", "35.09.01.2001")
    await put(worker_db, psm)
    await put(worker_db, far_sender, sender_area="35.09.01.2001")
    named = make_actor("PSM", "36.01")
    await put(worker_db, psm, worker_id=named.id)
    holder = make_actor("PSM", "36.01")
    await put(worker_db, psm, status="accepted", holder_id=holder.id)
    expected = {
        "the receivers' kecamatan": (tksk, 4),
        "the senders' village": (psm, 3),
        "the whole kabupaten": (make_actor("DINSOS", "35.08"), 4),
        "another village of the sender": (make_actor("PSM", "35.08.03.2006"), 0),
        "another kecamatan": (make_actor("TKSK", "35.08.04"), 0),
        "a neighbour whose code begins alike": (make_actor("TKSK", "35.08.0"), 0),
        "another kabupaten, from which one was sent": (make_actor("DINSOS", "35.09"), 1),
        "another province": (make_actor("DINSOS", "36"), 0),
        "named, from another province": (named, 1),
        "holding, from another province": (holder, 1),
        "nobody": (Actor(make_actor("PSM", "36").id, "worker"), 0),
    }
    found = {name: await visible(role, actor.row_scope()) for name, (actor, _) in expected.items()}
    assert found == {name: count for name, (_, count) in expected.items()}


async def test_the_wall_stands_before_changes_too(
    role: asyncpg.Connection, psm: Actor, make_actor: Callable[..., Actor], worker_db: Database
) -> None:
    await put(worker_db, psm)
    await role.execute("begin")
    scope = make_actor("TKSK", "35.08.04").row_scope()
    await role.fetch(CONTEXT, str(scope.actor), scope.area_from, scope.area_to)
    assert await role.execute("update referrals set status = 'cancelled'") == "UPDATE 0"
    await role.execute("rollback")
    for statement in (
        "delete from referrals",
        "delete from referral_steps",
        "update referral_steps set note = 'x'",
        "delete from event_log",
        "update event_log set published_at = now()",
        "update audit_log set action = 'x'",
        "delete from audit_log",
        "update routing_rules set urgency = 'low'",
        "update known_workers set active = true",
        "drop table referrals",
        "alter table referrals disable row level security",
        "create table mine (a int)",
        "set role sinergi_cases_worker",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await role.execute(statement)


async def test_the_message_role_sees_all_and_neither_role_may_step_over_the_wall(
    psm: Actor, worker_db: Database, owner: Owner
) -> None:
    for _ in range(3):
        await put(worker_db, psm)
    async with worker_db.transaction() as tx:
        assert await tx.fetchval(COUNT) == 3
    rights = await owner.fetch(
        "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
        " where rolname in ('sinergi_cases', 'sinergi_cases_worker')"
    )
    assert len(rights) == 2
    assert not any(any(tuple(row)[1:]) for row in rights)
    forced = await owner.fetch(
        "select relname, relrowsecurity, relforcerowsecurity from pg_class"
        " where oid in ('referrals'::regclass, 'cases'::regclass)"
    )
    assert all(row["relrowsecurity"] and row["relforcerowsecurity"] for row in forced)


async def test_no_other_services_role_reaches_the_tables_of_cases(clean: Stack) -> None:
    for service in ("directory", "registry", "notifications"):
        for kind in ("", "_WORKER"):
            url = clean.environment[f"{service.upper()}{kind}_DATABASE_URL"]
            try:
                other = await asyncpg.connect(url)
            except asyncpg.InvalidPasswordError:
                # Prepared without this service: there is no such role.
                continue
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await other.fetch("select * from cases.referrals")
            await other.close()


async def test_the_wall_alone_hides_a_referral_from_code_that_forgets_to_ask(
    psm: Actor, tksk: Actor, make_actor: Callable[..., Actor], worker_db: Database, clean: Stack
) -> None:
    one = await put(worker_db, psm)
    database = Database(clean.environment["CASES_DATABASE_URL"], pool_size=1)
    seen = {}
    for caller in (tksk, make_actor("TKSK", "35.08.04"), tksk):
        async with database.transaction(caller.row_scope()) as tx:
            seen[caller] = await tx.fetchval("select id from referrals where id = $1", one)
    async with database.transaction() as tx:
        assert await tx.fetchval(COUNT) == 0, "one connection, and the context of nobody"
    await database.close()
    assert list(seen.values()) == [one, None]


async def test_notes_cases_and_stored_answers_stand_behind_the_wall_too(
    role: asyncpg.Connection, psm: Actor, make_actor: Callable[..., Actor], worker_db: Database
) -> None:
    waiting = await put(worker_db, psm)
    async with worker_db.transaction() as tx:
        await tx.fetch(
            "insert into idempotency_keys (actor_id, key, fingerprint, body) "
            "values ($1, 'key-of-the-psm', 'f', 'the need')",
            psm.id,
        )
    tables = ("referral_steps", "cases", "idempotency_keys")

    async def counts(scope: RowScope) -> list[int]:
        async with role.transaction():
            actor = str(scope.actor) if scope.actor else ""
            await role.fetch(CONTEXT, actor, scope.area_from, scope.area_to)
            return [await role.fetchval(f"select count(*) from {table}") for table in tables]  # noqa: S608 - our own names

    assert waiting is not None
    assert await counts(RowScope()) == [0, 0, 0]
    assert await counts(make_actor("TKSK", "35.09.01").row_scope()) == [0, 0, 0]
    assert await counts(psm.row_scope()) == [1, 1, 1]
    assert await counts(make_actor("TKSK", "35.08.03").row_scope()) == [1, 1, 0]
