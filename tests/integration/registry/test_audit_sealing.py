"""Sealing looks at what is new alone, and misses nothing of it."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import asyncpg
import pytest
from asyncpg.transaction import Transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.audit import AuditSealer, verify
from shared.database import Database
from tests.fixtures.stack import Stack, empty

WRITERS = 3
ADD = """
    insert into audit_log (actor_id, actor_kind, action, subject_id)
    values ($1, 'worker', 'beneficiary.read', $1) returning id
"""
Writers = list[asyncpg.Connection]


@pytest.fixture
async def writers(clean: Stack) -> AsyncIterator[Writers]:
    """Connections that write rows, each in transactions of its own."""
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(WRITERS):
            connection = await asyncpg.connect(
                clean.owner_url, server_settings={"search_path": "registry, public"}
            )
            stack.push_async_callback(connection.close)
            made.append(connection)
        yield made


async def add(writer: asyncpg.Connection) -> int:
    number: int = await writer.fetchval(ADD, uuid.uuid4())
    return number


async def left(owner: asyncpg.Connection) -> int:
    """How many rows are not sealed."""
    count: int = await owner.fetchval(
        "select count(*) from audit_log where id not in (select audit_id from audit_seals)"
    )
    return count


async def test_a_row_committed_after_many_later_ones_is_sealed(
    worker_db: Database, owner: asyncpg.Connection, writers: Writers
) -> None:
    sealer = AuditSealer(worker_db, numbered=timedelta(0))
    late, prompt, _ = writers
    work = late.transaction()
    await work.start()
    first = await add(late)
    for _ in range(5):
        assert await add(prompt) > first
        assert await sealer.seal() == 1
    await work.commit()
    assert await sealer.seal() == 1
    assert await left(owner) == 0


async def test_what_is_complete_is_never_looked_at_again(
    worker_db: Database, owner: asyncpg.Connection, writers: Writers
) -> None:
    sealer = AuditSealer(worker_db, numbered=timedelta(0))
    first = await add(writers[0])
    for _ in range(3):
        await add(writers[0])
        await sealer.seal()
    assert await owner.fetchval("select max(complete_to) from audit_seals") > first
    await owner.execute("delete from audit_seals where audit_id = $1", first)
    assert await sealer.seal() == 0
    assert await AuditSealer(worker_db).seal() == 0, "after a restart"


async def test_after_the_database_went_back_new_rows_are_sealed_without_a_restart(
    worker_db: Database, owner: asyncpg.Connection, writers: Writers
) -> None:
    sealer = AuditSealer(worker_db, numbered=timedelta(0))
    for _ in range(4):
        await add(writers[0])
        await sealer.seal()
    await owner.execute("truncate audit_log, audit_seals restart identity")
    await add(writers[0])
    assert await sealer.seal() == 1
    assert await left(owner) == 0


async def test_nothing_counts_as_complete_before_a_minute_has_gone(
    worker_db: Database, owner: asyncpg.Connection, writers: Writers
) -> None:
    sealer = AuditSealer(worker_db)
    for _ in range(4):
        await add(writers[0])
        await sealer.seal()
    assert await owner.fetchval("select max(complete_to) from audit_seals") == 0


STEPS = st.one_of(
    st.tuples(st.sampled_from(["add", "add", "commit", "roll back"]), st.integers(0, WRITERS - 1)),
    st.tuples(st.sampled_from(["seal", "seal", "restart"]), st.just(0)),
)


# A later transaction had a lower number than one that was under way and began after the first.
@example([("add", 2), ("add", 0), ("add", 2), ("commit", 2), ("seal", 0), ("seal", 0)])
@given(steps=st.lists(STEPS, min_size=12, max_size=40))
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_in_whatever_order_writers_end_every_row_is_sealed_once(
    worker_db: Database,
    owner: asyncpg.Connection,
    writers: Writers,
    steps: list[tuple[str, int]],
) -> None:
    await empty(owner)
    works: dict[int, Transaction] = {}
    sealer = AuditSealer(worker_db, numbered=timedelta(0))
    for step, number in steps:
        match step:
            case "add":
                if number not in works:
                    works[number] = writers[number].transaction()
                    await works[number].start()
                await add(writers[number])
            case "commit" if number in works:
                await works.pop(number).commit()
            case "roll back" if number in works:
                await works.pop(number).rollback()
            case "seal":
                await sealer.seal()
            case "restart":
                sealer = AuditSealer(worker_db, numbered=timedelta(0))
    for work in works.values():
        await work.commit()
    await sealer.seal()
    assert await left(owner) == 0
    async with worker_db.transaction() as tx:
        assert (await verify(tx)).broken_at is None
