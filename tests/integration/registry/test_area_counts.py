"""What is counted is what there is, whoever changed it and however often it was folded."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from deploy.cli.app import build_app
from services.registry import rounds
from services.registry.storage import area_counts
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from shared.reference.categories import CATEGORIES
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures.invariants import miscounted_records
from tests.fixtures.stack import empty
from tests.integration.registry.conftest import PRONOJIWO, Api, Body, Register

VILLAGES = (SUMBERWULUH, "35.08.03.2006", PRONOJIWO, "35.09.01.2001")
CODES = ("LUT", "FM", "PD", "ODHA", "KTK")
SPECIAL = {code for code, one in CATEGORIES.items() if one.sensitivity is Confidentiality.C3}
INSERT = """
    insert into beneficiaries (id, version, kind, name, name_key, sex, birth_precision, birth_year,
        birth_on, nik_absent_reason, area, categories, confidentiality, registered_by,
        registered_at, changed_at)
    values ($1, 1, 'person', 'N', 'n', $2, case when $4::date is null then 'year' else 'day' end,
        $3, $4, 'lost', $5, $6, 'C1', gen_random_uuid(), now(), now())
"""
Cell = tuple[str, str, str, str]


def band_of(row: Any, today: date) -> str:
    """The age band, worked out another way than the database does."""
    if row["birth_year"] is None:
        return "unknown"
    age = today.year - row["birth_year"]
    if row["birth_on"] is not None:
        birthday = (row["birth_on"].month, row["birth_on"].day)
        age -= (today.month, today.day) < birthday
    return "0-4" if age < 5 else "5-17" if age < 18 else "18-59" if age < 60 else "60+"


async def counted_now(owner: asyncpg.Connection) -> Counter[Cell]:
    """The records themselves, counted one by one."""
    today = await owner.fetchval("select local_today()")
    cells: Counter[Cell] = Counter()
    for row in await owner.fetch("select * from beneficiaries"):
        leaf = (row["sex"] or "unknown", band_of(row, today))
        open_ones = [code for code in row["categories"] if code not in SPECIAL]
        for length in (2, 5, 8, 13):
            codes = [*open_ones, *(["*"] if open_ones else [])]
            if length <= 5:
                codes += [code for code in row["categories"] if code in SPECIAL]
            for code in codes:
                cells[row["area"][:length], "*", "*", code] += 1
                cells[row["area"][:length], *leaf, code] += 1
    return cells


async def told(worker_db: Database) -> Counter[Cell]:
    """Everything `counts_of` says."""
    areas = {village[:length] for village in VILLAGES for length in (2, 5, 8, 13)}
    async with worker_db.transaction() as tx:
        codes = ["*", *CATEGORIES]
        wanted = area_counts.Wanted(areas, codes, areas, codes)
        counts = await area_counts.counts_of(tx, wanted)
    cells = {
        (area, "*", "*", code): records
        for area, categories in counts.totals.items()
        for code, records in categories.items()
    }
    for (area, code), leaves in counts.by_leaf.items():
        cells |= {(area, *leaf, code): records for leaf, records in leaves.items()}
    return Counter({cell: records for cell, records in cells.items() if records})


async def fold(worker_db: Database) -> int:
    async with worker_db.transaction() as tx:
        return await area_counts.fold(tx)


async def put(
    owner: asyncpg.Connection, *, born: date | None = None, year: int | None = None
) -> uuid.UUID:
    made = uuid.uuid4()
    year = born.year if born else year
    await owner.execute(INSERT, made, "F", year, born, SUMBERWULUH, ["LUT"])
    return made


changes = st.lists(
    st.one_of(
        st.tuples(
            st.just("register"),
            st.sampled_from(VILLAGES),
            st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True),
            st.sampled_from(("F", "M", None)),
            st.none() | st.dates(date(1930, 1, 1), date(2026, 1, 1)),
            st.integers(1930, 2026),
        ),
        st.tuples(st.just("move"), st.integers(0, 20), st.sampled_from(VILLAGES)),
        st.tuples(
            st.just("categories"),
            st.integers(0, 20),
            st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True),
        ),
        st.tuples(st.just("born"), st.integers(0, 20), st.integers(1930, 2026)),
        st.tuples(st.just("address"), st.integers(0, 20)),
        st.tuples(st.just("undone"), st.integers(0, 20), st.sampled_from(VILLAGES)),
        st.tuples(st.just("fold")),
        st.tuples(st.just("recount")),
    ),
    min_size=5,
    max_size=25,
)


async def do(owner: asyncpg.Connection, worker_db: Database, change: Any, ids: list[Any]) -> None:
    kind, *values = change
    one = ids[values[0] % len(ids)] if ids and values and isinstance(values[0], int) else None
    if kind == "register":
        village, codes, sex, on, year = values
        ids.append(uuid.uuid4())
        year = on.year if on else year
        await owner.execute(INSERT, ids[-1], sex, year, on, village, codes)
    elif kind == "fold":
        await fold(worker_db)
    elif kind == "recount":
        async with worker_db.transaction() as tx:
            await area_counts.recount(tx)
    elif one is not None:
        assignment = {
            "move": "area = $2",
            "undone": "area = $2",
            "categories": "categories = $2",
            "born": "birth_precision = 'year', birth_on = null, birth_year = $2",
            "address": "address = 'RT 1', version = version + 1, changed_at = now()",
        }[kind]
        statement = f"update beneficiaries set {assignment} where id = $1"  # noqa: S608 - ours
        work = owner.transaction()
        await work.start()
        await owner.execute(statement, one, *values[1:])
        await (work.rollback() if kind == "undone" else work.commit())


@given(sequence=changes)
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_counts_and_changes_add_up_to_the_records_after_any_changes(
    stack: Any, sequence: list[Any]
) -> None:
    async def run() -> None:
        owner = await asyncpg.connect(
            stack.owner_url, server_settings={"search_path": "registry, public"}
        )
        await empty(owner)
        worker_db = Database(stack.environment["REGISTRY_WORKER_DATABASE_URL"], pool_size=1)
        ids: list[Any] = []
        for change in sequence:
            await do(owner, worker_db, change, ids)
            assert await told(worker_db) == await counted_now(owner), change
        while await fold(worker_db):
            pass
        assert await told(worker_db) == await counted_now(owner)
        assert await miscounted_records(owner) == []
        await worker_db.close()
        await owner.close()

    asyncio.run(run())


async def test_two_folders_and_many_registrations_at_once_count_each_once(
    api: Api, psm: Actor, without_nik: Body, worker_db: Database, owner: asyncpg.Connection
) -> None:
    async def folding() -> None:
        for _ in range(15):
            await fold(worker_db)

    async def registering() -> None:
        for _ in range(8):
            body = without_nik(accept_lookalikes=True)
            assert (await api(psm).post("/beneficiaries", json=body)).status_code == 201

    await asyncio.gather(folding(), folding(), registering(), registering(), registering())
    assert await told(worker_db) == await counted_now(owner)
    while await fold(worker_db):
        pass
    assert (await told(worker_db))[LUMAJANG, "*", "*", "LUT"] == 24
    assert await miscounted_records(owner) == []


async def test_what_the_api_changes_moves_between_counts(
    api: Api, make_actor: Callable[..., Actor], register: Register, worker_db: Database
) -> None:
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    made = await register(dinsos, categories=["LUT", "FM"])
    body = {"area": PRONOJIWO, "categories": ["FM"], "sex": "M", "birth": {"age": 40}}
    assert (await api(dinsos).patch(f"/beneficiaries/{made}", json=body)).status_code == 200
    cells = await told(worker_db)
    assert {cell: count for cell, count in cells.items() if cell[0] == PRONOJIWO} == {
        (PRONOJIWO, *leaf, code): 1 for leaf in (("*", "*"), ("M", "18-59")) for code in ("*", "FM")
    }
    assert not [cell for cell in cells if cell[0] == SUMBERWULUH]


@pytest.mark.parametrize(
    ("today", "band", "until"),
    [
        ("2026-02-28", "5-17", "2026-03-01"),
        ("2026-03-01", "18-59", "2068-02-29"),
        ("2068-02-28", "18-59", "2068-02-29"),
        ("2068-02-29", "60+", None),
        ("2013-02-28", "0-4", "2013-03-01"),
    ],
)
async def test_who_was_born_on_the_29th_of_february_has_the_birthday_of_the_civil_code(
    owner: asyncpg.Connection, today: str, band: str, until: str | None
) -> None:
    row = await owner.fetchrow(
        "select age_band($1, $2), band_until($1, $2)", date(2008, 2, 29), date.fromisoformat(today)
    )
    assert tuple(row) == (band, until and date.fromisoformat(until))


async def test_a_birthday_moves_a_record_into_the_next_band_once(
    worker_db: Database, owner: asyncpg.Connection
) -> None:
    today = await owner.fetchval("select local_today()")
    for years in (5, 18, 60):
        await put(owner, year=today.year - years)
    for _ in range(3):
        await put(owner, year=today.year - 30)
    # As they were counted on the last day of the year before.
    await owner.execute(
        "update counted_records set band = age_band(born, $1), band_until = band_until(born, $1)",
        date(today.year - 1, 12, 31),
    )
    assert await told(worker_db) != await counted_now(owner)
    before = await owner.fetchval("select max(changed_at) from count_changes")
    await rounds.birthdays(worker_db).go()
    assert await told(worker_db) == await counted_now(owner)
    assert await owner.fetchval("select max(changed_at) from count_changes") == before
    async with worker_db.transaction() as tx:
        assert await area_counts.keep_birthdays(tx) == 0


async def test_birthdays_on_the_day_itself_are_kept(
    worker_db: Database, owner: asyncpg.Connection
) -> None:
    today = await owner.fetchval("select local_today()")
    await put(owner, born=date(today.year - 18, today.month, min(today.day, 28)))
    row = await owner.fetchrow("select band, band_until from counted_records")
    assert row["band"] == "18-59"
    assert await told(worker_db) == await counted_now(owner)


async def test_a_recount_mends_what_was_loaded_past_the_triggers(
    worker_db: Database, owner: asyncpg.Connection
) -> None:
    await put(owner, year=1950)
    await owner.execute("set session_replication_role = replica")
    await put(owner, year=1960)
    await owner.execute("set session_replication_role = origin")
    await owner.execute("update area_counts set records = records + 3")
    await owner.execute("insert into area_counts values ('35', 'PD', '*', '*', 7, now())")
    assert await miscounted_records(owner) != []
    async with worker_db.transaction() as tx:
        await area_counts.recount(tx)
    assert await miscounted_records(owner) == []
    assert await told(worker_db) == await counted_now(owner)


async def test_the_operators_command_recounts_and_says_how_many(
    environment: None, worker_db: Database, owner: asyncpg.Connection
) -> None:
    await owner.execute("set session_replication_role = replica")
    for _ in range(3):
        await put(owner, year=1960)
    await owner.execute("set session_replication_role = origin")
    command = build_app(["registry"])
    answer = await asyncio.to_thread(CliRunner().invoke, command, ["registry", "recount"])
    assert (answer.exit_code, answer.output) == (0, "3 records counted.\n")
    assert await told(worker_db) == await counted_now(owner)


async def test_the_database_knows_the_special_categories_of_the_reference(
    owner: asyncpg.Connection,
) -> None:
    assert set(await owner.fetchval("select special_categories()")) == SPECIAL


@pytest.mark.parametrize("table", ["counted_records", "count_changes", "area_counts"])
async def test_the_api_reads_sums_and_never_the_rows_behind_them(
    clean: Any, psm: Actor, table: str
) -> None:
    database = Database(clean.environment["REGISTRY_DATABASE_URL"], pool_size=1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(psm.row_scope()) as tx:
            await tx.fetch(f"select * from {table}")  # noqa: S608 - our own names
    await database.close()
