"""Lists to be taken in: files as offices make them, and what goes through them."""

import csv
import io
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import xlsxwriter  # type: ignore[import-untyped] # it ships no types
from fastapi import FastAPI

from services.registry.domain.import_columns import ColumnMap, guessed
from services.registry.domain.list_import import ImportStatus, LineResult, LineStatus
from services.registry.rounds import importer
from services.registry.storage import imports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_files import opened
from services.registry.storage.imports import Import
from services.registry.use_cases.open_import import open_import
from shared.auth import Actor
from shared.database import Database

HEAD = ("No", "Nama", "NIK", "L/P", "Tanggal Lahir", "Alamat", "Desa", "Kecamatan", "Kategori",
        "No HP")  # fmt: skip
SITI = ("1", "Siti Aminah", "3508035203540001", "P", "12/03/1954", "RT 02", "Sumberwuluh",
        "Candipuro", "LUT", "0812-3456-7890")  # fmt: skip
BUDI = ("2", "Budi Hartono", "", "L", "1 Agustus 1960", "", "Jarit", "Candipuro",
        "Penyandang Disabilitas", "")  # fmt: skip
BROKEN = ("3", "", "123", "X", "31/02/1960", "", "Entah", "", "Apa", "abc")
EMPTY = ("",) * len(HEAD)


def as_csv(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> bytes:
    """The rows below their head, as a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue().encode()


def as_xlsx(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> bytes:
    """The same as an XLSX file."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet()
        for number, row in enumerate([head, *rows]):
            page.write_row(number, 0, row)
    return target.getvalue()


async def upload(client: httpx2.AsyncClient, content: bytes, name: str = "daftar.csv") -> str:
    """Upload a list; the id of its import comes back."""
    answer = await client.post("/imports", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def columns(content: bytes, **changes: Any) -> dict[str, Any]:
    """The body that chooses the columns as they are guessed."""
    headers = opened(io.BytesIO(content)).headers
    return {"columns": {field.value: place for field, place in guessed(headers).items()}, **changes}


async def go_through(app: FastAPI, worker_db: Database, vault: NikVault) -> None:
    """What the message process does by itself."""
    await importer(worker_db, vault=vault, store=app.state.import_store).go()


async def taken_in(
    client: httpx2.AsyncClient, app: FastAPI, worker_db: Database, vault: NikVault, content: bytes,
    **changes: Any,
) -> str:  # fmt: skip
    """Upload, check and take in a list; the id of its import comes back."""
    number = await upload(client, content)
    checked = await client.post(f"/imports/{number}/check", json=columns(content, **changes))
    assert checked.status_code == 200, checked.text
    await go_through(app, worker_db, vault)
    started = await client.post(f"/imports/{number}/start")
    assert started.status_code == 200, started.text
    await go_through(app, worker_db, vault)
    return number


async def results(client: httpx2.AsyncClient, number: str, **asked: Any) -> list[dict[str, Any]]:
    """What became of the lines."""
    answer = await client.get(f"/imports/{number}/lines", params=asked)
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, Any]] = answer.json()["items"]
    return lines


async def count(owner: asyncpg.Connection, table: str) -> int:
    """How many rows a table has."""
    number: int = await owner.fetchval(f"select count(*) from {table}")  # noqa: S608 - ours
    return number


async def counts(client: httpx2.AsyncClient, number: str) -> dict[str, int]:
    """How many lines of each kind there are."""
    answer = (await client.get(f"/imports/{number}/progress")).json()
    found: dict[str, int] = answer["counts"]
    assert sum(found.values()) == answer["position"]
    return found


async def begun(database: Database, actor: Actor, path: Path) -> Import:
    """An import of a file on this machine, ready to be gone through."""
    with path.open("rb") as file:
        found = opened(file)
        chosen = ColumnMap(columns=guessed(found.headers))
        total = sum(1 for _ in found.rows)
    async with database.transaction() as tx:
        return await open_import(
            sha256=b"a file of ours",
            total=total,
            columns=chosen,
            status=ImportStatus.RUNNING,
            tx=tx,
            actor=actor,
        )


async def all_lines(database: Database, import_id: uuid.UUID) -> list[LineResult]:
    """What became of every line."""
    async with database.transaction() as tx:
        return await imports.lines(
            tx, import_id, statuses=list(LineStatus), after=0, limit=1_000_000
        )
