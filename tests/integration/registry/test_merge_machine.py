"""Merging and parting in any order, against a plain model of pointers."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registry.domain.errors import AlreadyMerged, CannotMerge
from services.registry.settings import Settings
from services.registry.storage import merges, queries
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.merge_beneficiary import merge_beneficiary
from services.registry.use_cases.unmerge_beneficiary import unmerge_beneficiary
from shared.auth import Actor
from shared.database import Database
from shared.errors import NotFound
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack

PEOPLE = 5
places = st.integers(0, PEOPLE - 1)
steps = st.one_of(
    st.tuples(st.just("merge"), places, places), st.tuples(st.just("part"), places, places)
)


class Model:
    """Who was merged into whom, and nothing more."""

    def __init__(self) -> None:
        self.into: dict[int, int] = {}

    def end(self, one: int) -> int:
        while one in self.into:
            one = self.into[one]
        return one

    def merge(self, one: int, other: int) -> bool:
        if one == other or one in self.into or other in self.into:
            return False
        self.into[one] = other
        return True

    def part(self, one: int) -> bool:
        return self.into.pop(one, None) is not None


@pytest.fixture
async def api_db(environment: None, clean: Stack) -> AsyncIterator[Database]:
    database = Database(clean.environment["REGISTRY_DATABASE_URL"], pool_size=1)
    yield database
    await database.close()


async def enrolled(owner: asyncpg.Connection) -> list[uuid.UUID]:
    rows = await owner.fetch(
        """
        insert into beneficiaries (id, version, kind, name, name_key, nik_absent_reason, area,
            categories, confidentiality, registered_by, registered_at, changed_at)
        select gen_random_uuid(), 1, 'person', 'N', 'n', 'lost', $1, '{LUT}', 'C1',
               gen_random_uuid(), now(), now()
        from generate_series(1, $2::int) returning id
        """,
        SUMBERWULUH,
        PEOPLE,
    )
    return [row["id"] for row in rows]


async def run(
    plan: list[tuple[str, int, int]], *, database: Database, owner: asyncpg.Connection, actor: Actor
) -> None:
    held = Settings()
    vault = NikVault(held.nik_keys, held.nik_index_key)
    ids, model = await enrolled(owner), Model()
    for verb, one, other in plan:
        expected = model.merge(one, other) if verb == "merge" else model.part(one)
        done = True
        try:
            async with database.transaction(actor.row_scope()) as tx:
                if verb == "merge":
                    await merge_beneficiary(ids[one], ids[other], tx=tx, actor=actor, vault=vault)
                else:
                    await unmerge_beneficiary(ids[one], tx=tx, actor=actor, vault=vault)
        except (AlreadyMerged, CannotMerge, NotFound):
            done = False
        assert done == expected, (verb, one, other)
        rows = await owner.fetch(
            "select id, merged_into from beneficiaries where id = any($1)", ids
        )
        pointers = {row["id"]: row["merged_into"] for row in rows}
        for place, made in enumerate(ids):
            end = model.end(place)
            assert pointers[made] == (None if end == place else ids[end])
    async with database.transaction(actor.row_scope()) as tx:
        remaining = await merges.remaining(tx, ids)
        for place, made in enumerate(ids):
            assert remaining.get(made, made) == ids[model.end(place)]
            record = await queries.record(tx, vault, actor, made)
            assert record is not None
            assert record.id == ids[model.end(place)]
    versions = await owner.fetch(
        """
        select b.id, b.version = 1 + count(e.subject) as told from beneficiaries b
        left join event_log e on e.subject = b.id where b.id = any($1) group by b.id
        """,
        ids,
    )
    assert all(row["told"] for row in versions)


async def test_any_order_of_merging_and_parting_ends_as_a_plain_model_says(
    api_db: Database, owner: asyncpg.Connection, dinsos: Actor
) -> None:
    loop = asyncio.get_running_loop()

    @settings(max_examples=40, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(steps, min_size=3, max_size=14))
    def explore(plan: list[tuple[str, int, int]]) -> None:
        future = asyncio.run_coroutine_threadsafe(
            run(plan, database=api_db, owner=owner, actor=dinsos), loop
        )
        future.result(60)

    await asyncio.to_thread(explore)
