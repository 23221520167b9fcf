"""An import stopped by its importer: what was taken in stays, and nobody goes on with it."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from bench.imports import write_list
from services.registry.domain.import_row import Line
from services.registry.storage import imports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_sources import BATCH, KeptSource
from services.registry.use_cases.run_import import run_import
from services.registry.use_cases.sweep_imports import sweep_imports
from shared.auth import Actor
from shared.database import Database
from tests.integration.registry.conftest import Api
from tests.integration.registry.lists import (
    BUDI,
    SITI,
    as_csv,
    columns,
    counts,
    go_through,
    results,
    taken_in,
    upload,
)

ROWS = 3 * BATCH


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A list during whose reading something happens, before its batch of this number."""

    source: KeptSource
    before: int
    happens: Callable[[], Awaitable[None]]

    async def batches(self, after: int) -> AsyncIterator[list[Line]]:
        number = 0
        async for batch in self.source.batches(after):
            if number == self.before:
                await self.happens()
            yield batch
            number += 1
        if number == self.before:
            await self.happens()


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    path = tmp_path / "daftar.csv"
    write_list(path, ROWS)
    return path.read_bytes()


async def begun(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, vault: NikVault, content: bytes
) -> str:
    """A list that waits to be taken in."""
    number = await upload(client, content)
    await client.post(f"/imports/{number}/check", json=columns(content))
    await go_through(app, database, vault)
    assert (await client.post(f"/imports/{number}/start")).is_success
    return number


def kept(app: FastAPI, number: str, parts: int) -> KeptSource:
    return KeptSource(app.state.import_store, UUID(number), parts)


async def stop(client: httpx2.AsyncClient, number: str) -> dict[str, Any]:
    answer = await client.post(f"/imports/{number}/stop")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_what_was_taken_in_stays_and_the_result_says_what_was_not_read(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault,
    owner: asyncpg.Connection, content: bytes,
) -> None:  # fmt: skip
    client = api(dinsos)
    number = await begun(client, app, worker_db, vault, content)

    async def happens() -> None:
        assert (await stop(client, number))["status"] == "stopped"

    source = Interrupted(kept(app, number, 3), 2, happens)
    await run_import(UUID(number), source, database=worker_db, vault=vault)
    one = (await client.get(f"/imports/{number}/progress")).json()
    assert one["status"] == "stopped"
    # The batch before it may have waited for the stop, or the stop for it.
    assert one["position"] in {BATCH, 2 * BATCH}
    found = await counts(client, number)
    assert await owner.fetchval("select count(*) from beneficiaries") == found["created"]

    # Neither the message process nor its importer takes it up again.
    await go_through(app, worker_db, vault)
    for step, body in (("start", None), ("check", columns(content)), ("stop", None)):
        refused = await client.post(f"/imports/{number}/{step}", json=body)
        assert refused.status_code == 409, step
    assert await counts(client, number) == found
    answer = await client.get(f"/imports/{number}/result")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
    assert len(lines) == one["position"] + 1
    last, left = one["position"] + 1, ROWS - one["position"]
    assert lines[-2][0] == str(last)
    assert lines[-1] == [
        f"sesudah {last}", "tidak dibaca", "",
        f"Impor dihentikan: {left} baris terakhir tidak dibaca.",
    ]  # fmt: skip
    stopped = await owner.fetch(
        "select actor_id, subject_id from audit_log where action = 'import.stopped'"
    )
    assert [tuple(row) for row in stopped] == [(dinsos.id, UUID(number))]


async def test_a_stopped_list_brought_again_takes_in_what_was_not_read(
    api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault
) -> None:
    client, content = api(dinsos), as_csv(SITI, BUDI)
    number = await begun(client, app, worker_db, vault, content)
    await stop(client, number)
    await go_through(app, worker_db, vault)
    answer = await client.get(f"/imports/{number}/result")
    assert "semua,tidak dibaca,,Impor dihentikan: 2 baris terakhir tidak dibaca." in answer.text
    again = await taken_in(client, app, worker_db, vault, content)
    assert (await counts(client, again))["created"] == 2


async def test_an_import_stopped_at_its_very_end_is_not_called_done(
    api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault
) -> None:
    client = api(dinsos)
    number = await begun(client, app, worker_db, vault, as_csv(SITI, BUDI))

    async def happens() -> None:
        await stop(client, number)

    source = Interrupted(kept(app, number, 1), 1, happens)
    await run_import(UUID(number), source, database=worker_db, vault=vault)
    one = (await client.get(f"/imports/{number}/progress")).json()
    assert one["status"] == "stopped"
    # All or nothing of the one batch.
    assert len(await results(client, number)) == one["position"]
    assert one["position"] in {0, 2}


async def test_a_check_that_was_stopped_is_begun_anew_with_other_columns(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault, content: bytes
) -> None:
    client = api(dinsos)
    number = await upload(client, content)
    nameless = columns(content)
    nameless["columns"]["name"] = nameless["columns"]["address"]
    await client.post(f"/imports/{number}/check", json=nameless)

    async def happens() -> None:
        assert (await stop(client, number))["status"] == "uploaded"
        await client.post(f"/imports/{number}/check", json=columns(content))

    # Stopped before its first batch is stored: the old columns are seen by nobody afterwards.
    source = Interrupted(kept(app, number, 3), 0, happens)
    await run_import(UUID(number), source, database=worker_db, vault=vault)
    one = (await client.get(f"/imports/{number}")).json()
    assert (one["status"], one["position"]) == ("checking", 0)
    await go_through(app, worker_db, vault)
    one = (await client.get(f"/imports/{number}/progress")).json()
    assert (one["status"], one["position"]) == ("checked", ROWS)
    assert await counts(client, number) == one["counts"]


async def test_a_stopped_list_is_kept_while_it_may_be_read_and_its_results_as_long_as_others(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    client, store = api(dinsos), app.state.import_store
    number = await begun(client, app, worker_db, vault, as_csv(SITI))
    await stop(client, number)
    assert await sweep_imports(database=worker_db, store=store) == 0
    for ago in (imports.KEPT_STOPPED, imports.KEPT_RESULTS):
        await owner.execute("update imports set changed_at = changed_at - $1::interval", ago)
        assert await sweep_imports(database=worker_db, store=store) == 1
        assert await sweep_imports(database=worker_db, store=store) == 0
    assert await owner.fetchval("select count(*) from imports") == 0
