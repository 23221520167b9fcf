"""An import that is killed on the way goes on where it was, and nothing comes in twice."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from bench.imports import BROKEN, DINSOS, in_a_process, write_list
from services.registry.domain.list_import import ImportStatus, LineStatus
from services.registry.storage import imports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_sources import BATCH, FileSource
from services.registry.use_cases.run_import import run_import
from shared.auth import Actor
from shared.database import Database
from tests.fixtures.processes import ServiceProcess, until
from tests.fixtures.stack import Stack
from tests.integration.registry.conftest import Api
from tests.integration.registry.lists import all_lines, begun, columns, counts, upload

ROWS = 4 * BATCH
KILLED_AT = (1, 2 * BATCH)
TABLES = ("beneficiaries", "event_log", "registration_keys", "legal_bases", "marks")


async def stored(owner: asyncpg.Connection) -> dict[str, int]:
    return {
        table: await owner.fetchval(f"select count(*) from {table}")  # noqa: S608 - ours
        for table in TABLES
    }


async def numbers(owner: asyncpg.Connection) -> int:
    """How many NIKs can be looked up."""
    found: int = await owner.fetchval("select count(*) from nik_index")
    return found


async def sealed(owner: asyncpg.Connection) -> int:
    """How many records hold one."""
    sql = "select count(*) from beneficiaries where nik_sealed is not null"
    found: int = await owner.fetchval(sql)
    return found


async def come_to(owner: asyncpg.Connection, position: int) -> None:
    for _ in range(3_000):
        if (await owner.fetchval("select max(position) from imports") or 0) >= position:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the import never came to {position}")


async def test_a_list_killed_twice_and_resumed_adds_up_and_again_changes_nothing(
    clean: Stack, worker_db: Database, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "daftar.csv"
    write_list(path, ROWS, area="35")
    for position in KILLED_AT:
        process = in_a_process(clean, path)
        await come_to(owner, position)
        process.kill()
        await asyncio.to_thread(process.wait)
        if process.stdout:
            process.stdout.close()
    told = await asyncio.to_thread(in_a_process(clean, path).communicate)
    assert "counts" in told[0]
    (job_id,) = [row["id"] for row in await owner.fetch("select id from imports")]
    async with worker_db.transaction() as tx:
        job = await imports.get(tx, job_id)
    assert job is not None
    assert (job.status, job.position, job.total) == (ImportStatus.DONE, ROWS, ROWS)
    lines = await all_lines(worker_db, job_id)
    assert [line.line for line in lines] == list(range(2, ROWS + 2))
    assert Counter(line.status for line in lines) == {
        status: number for status, number in job.counts.items() if number
    }
    assert job.counts[LineStatus.REFUSED] == ROWS // BROKEN
    made = {line.beneficiary_id for line in lines if line.status is LineStatus.CREATED}
    once = await stored(owner)
    assert set(once.values()) == {len(made)}
    assert await numbers(owner) == await sealed(owner) > 0
    await asyncio.to_thread(in_a_process(clean, path).communicate)
    assert await stored(owner) == once
    again = await all_lines(
        worker_db, await owner.fetchval("select id from imports order by id desc limit 1")
    )
    assert not [line for line in again if line.status is LineStatus.CREATED]
    matched = {line.beneficiary_id for line in again if line.status is LineStatus.MATCHED}
    assert matched == made


async def test_an_uploaded_list_adds_up_though_the_message_process_is_killed_twice(
    clean: Stack, api: Api, dinsos: Actor, worker_db: Database, owner: asyncpg.Connection,
    tmp_path: Path,
) -> None:  # fmt: skip
    path = tmp_path / "daftar.csv"
    write_list(path, ROWS)
    content = path.read_bytes()
    client = api(dinsos)
    port = clean.environment["REGISTRY_WORKER_PORT"]
    worker = ServiceProcess(
        "services.registry.worker", clean.environment, tmp_path / "worker.log",
        f"http://127.0.0.1:{port}",
    )  # fmt: skip

    async def status_of(number: str) -> str:
        told: dict[str, str] = (await client.get(f"/imports/{number}/progress")).json()
        return told["status"]

    async def taken_in() -> str:
        number = await upload(client, content)
        await client.post(f"/imports/{number}/check", json=columns(content))
        await until(has(number, "checked"), 60)
        assert (await client.post(f"/imports/{number}/start")).is_success
        return number

    def has(number: str, status: str) -> Callable[[], Awaitable[bool]]:
        async def reached() -> bool:
            return await status_of(number) == status

        return reached

    worker.start()
    try:
        number = await taken_in()
        for position in KILLED_AT:
            await come_to(owner, position)
            worker.kill()
            assert await status_of(number) == "running"
            worker.start()
        await until(has(number, "done"), 60)
        found = await counts(client, number)
        assert (found["refused"], sum(found.values())) == (ROWS // BROKEN, ROWS)
        once = await stored(owner)
        assert set(once.values()) == {found["created"]}

        again = await taken_in()
        await until(has(again, "done"), 60)
        assert await counts(client, again) == {
            **found, "created": 0, "matched": found["matched"] + found["created"]
        }  # fmt: skip
        assert await stored(owner) == once
    finally:
        worker.kill()


async def test_two_processes_on_one_import_share_its_lines_and_take_none_twice(
    worker_db: Database, vault: NikVault, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "daftar.csv"
    write_list(path, BATCH + 10, area="35")
    job = await begun(worker_db, DINSOS, path)
    for _ in range(2):
        await asyncio.gather(
            *(
                run_import(job.id, FileSource(path), database=worker_db, vault=vault)
                for _ in range(2)
            )
        )
    lines = await all_lines(worker_db, job.id)
    assert [line.line for line in lines] == list(range(2, BATCH + 12))
    made = sum(line.status is LineStatus.CREATED for line in lines)
    assert set((await stored(owner)).values()) == {made}
