"""Which records a caller may touch: the rule in Python and its SQL give the same answer."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from services.registry.storage.access import (
    allowed,
    is_masked,
    may_touch,
    shown_by_name,
)
from services.registry.storage.tables import access_grants, beneficiaries
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.policy import Action
from tests.fixtures.stack import Stack
from tests.unit.shared.people_and_things import AREAS, PEOPLE, services, workers

ACTIONS = (
    Action.BENEFICIARY_READ,
    Action.BENEFICIARY_CHANGE,
    Action.BENEFICIARY_SEARCH_NIK,
    Action.BENEFICIARY_MERGE,
    Action.PROTECTION_HANDLE,
    Action.BENEFICIARY_SHARE,
)
SOME_DAY = datetime(2026, 11, 1, tzinfo=UTC)


class Row(NamedTuple):
    """What the rule asks of a record."""

    area: str
    confidentiality: str
    registered_by: uuid.UUID
    granted_to: list[uuid.UUID]
    restricted_at: datetime | None
    anonymised_at: datetime | None


rows = st.builds(
    Row,
    area=st.sampled_from(AREAS),
    confidentiality=st.sampled_from([one.value for one in Confidentiality]),
    registered_by=st.sampled_from(PEOPLE),
    granted_to=st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3),
    restricted_at=st.none() | st.just(SOME_DAY),
    anonymised_at=st.none() | st.none() | st.just(SOME_DAY),
)


def stand_in(table: sa.Table, *columns: str) -> sa.Table:
    """A temporary table of this name, with some of its columns, that hides the real one."""
    of_type = (sa.Column(name, table.c[name].type) for name in columns)
    return sa.Table(table.name, sa.MetaData(), *of_type, prefixes=["TEMPORARY"])


RECORDS = stand_in(beneficiaries, "id", *Row._fields)
GRANTS = stand_in(access_grants, "beneficiary_id", "worker_id")


@pytest.fixture(scope="module")
async def connection(stack: Stack) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(
        stack.owner_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    )
    async with engine.connect() as opened:
        for table in (RECORDS, GRANTS):
            await opened.run_sync(table.create)
        yield opened
    await engine.dispose()


async def fill(connection: AsyncConnection, records: dict[uuid.UUID, Row]) -> None:
    grants = [
        {"beneficiary_id": one, "worker_id": worker}
        for one, row in records.items()
        for worker in row.granted_to
    ]
    for table, values in (
        (RECORDS, [{"id": one, **row._asdict()} for one, row in records.items()]),
        (GRANTS, grants),
    ):
        await connection.execute(sa.delete(table))
        if values:
            await connection.execute(sa.insert(table), values)


@given(
    actor=workers | services,
    records=st.lists(rows, min_size=5, max_size=12),
    actions=st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True),
)
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_a_record_and_its_sql_agree_on_who_may_touch_it_and_sees_its_name(
    connection: AsyncConnection, actor: Actor, records: list[Row], actions: list[Action]
) -> None:
    by_id = {uuid.uuid4(): row for row in records}
    await fill(connection, by_id)

    async def found(rule: sa.ColumnElement[bool]) -> set[uuid.UUID]:
        answer = await connection.execute(sa.select(beneficiaries.c.id).where(rule))
        return set(answer.scalars())

    touched = {one for one, row in by_id.items() if may_touch(actor, row, *actions)}
    named = {one for one, row in by_id.items() if not is_masked(actor, row)}
    assert await found(allowed(actor, *actions)) == touched
    assert await found(shown_by_name(actor)) == named
