"""`decide` in Python and `predicate` in PostgreSQL give the same answer about any row."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.auth import Actor
from shared.policy import Action, Resource, decide
from shared.predicates import Columns, predicate
from tests.fixtures.stack import Stack
from tests.unit.shared.people_and_things import resources, services, workers

things = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("area", sa.Text(collation="C")),
    sa.Column("sender_area", sa.Text(collation="C")),
    sa.Column("pillar", sa.Text),
    sa.Column("organisation_id", UUID),
    sa.Column("sender_id", UUID),
    sa.Column("holder_id", UUID),
    sa.Column("worker_id", UUID),
    sa.Column("confidentiality", sa.Text),
    prefixes=["TEMPORARY"],
)
COLUMNS = Columns(
    area=things.c.area,
    sender_area=things.c.sender_area,
    pillar=things.c.pillar,
    organisation_id=things.c.organisation_id,
    owners=(things.c.sender_id, things.c.holder_id),
    named=lambda actor_id: things.c.worker_id == actor_id,
    confidentiality=things.c.confidentiality,
)


@pytest.fixture(scope="module")
async def connection(stack: Stack) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(
        stack.owner_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    )
    async with engine.connect() as open_connection:
        await open_connection.run_sync(things.create)
        yield open_connection
    await engine.dispose()


async def fill(connection: AsyncConnection, rows: list[Resource]) -> None:
    await connection.execute(sa.delete(things))
    await connection.execute(
        sa.insert(things),
        [
            {
                "number": number,
                "area": row.area,
                "sender_area": row.sender_area,
                "pillar": row.pillar,
                "organisation_id": row.organisation_id,
                "sender_id": row.owners[0],
                "holder_id": row.owners[1],
                "worker_id": row.named[0],
                "confidentiality": row.confidentiality,
            }
            for number, row in enumerate(rows)
        ],
    )


@given(actor=workers | services, rows=st.lists(resources, min_size=5, max_size=12))
@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_a_decision_and_its_sql_agree_for_every_action(
    connection: AsyncConnection, actor: Actor, rows: list[Resource]
) -> None:
    await fill(connection, rows)
    verdicts = [
        sa.func.coalesce(predicate(actor, action, COLUMNS), sa.false()) for action in Action
    ]
    answer = await connection.execute(sa.select(things.c.number, *verdicts))
    found = {number: dict(zip(Action, said, strict=True)) for number, *said in answer}
    for number, row in enumerate(rows):
        expected = {action: decide(actor, action, row) for action in Action}
        assert found[number] == expected, row


@given(actor=workers, rows=st.lists(resources, min_size=5, max_size=12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
async def test_a_where_clause_lets_the_same_rows_through(
    connection: AsyncConnection, actor: Actor, rows: list[Resource]
) -> None:
    await fill(connection, rows)
    for action in (Action.REFERRAL_READ, Action.REFERRAL_RECEIVE, Action.WORKER_READ):
        answer = await connection.execute(
            sa.select(things.c.number).where(predicate(actor, action, COLUMNS))
        )
        assert {number for (number,) in answer} == {
            number for number, row in enumerate(rows) if decide(actor, action, row)
        }


@given(
    actor=workers,
    thing=resources,
    missing=st.sets(
        st.sampled_from(["area", "sender_area", "pillar", "organisation_id", "owners", "named"])
    ),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
async def test_a_fact_that_a_table_does_not_have_matches_nothing_on_either_side(
    connection: AsyncConnection, actor: Actor, thing: Resource, missing: set[str]
) -> None:
    """A table without an organisation belongs to none, which every duty may see."""
    await fill(connection, [thing])
    kept = [name for name in Columns.__slots__ if name not in missing]
    partial = Columns(**{name: getattr(COLUMNS, name) for name in kept})
    same = Resource(**{name: getattr(thing, name) for name in kept})
    verdicts = [
        sa.func.coalesce(predicate(actor, action, partial), sa.false()) for action in Action
    ]
    row = (await connection.execute(sa.select(*verdicts).select_from(things))).one()
    assert list(row) == [decide(actor, action, same) for action in Action]
