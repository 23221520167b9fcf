"""A list of 100,000 people taken in, beside a bare COPY of the same rows into the same tables.

Run apart, for it needs no service: `python -m bench.imports [rows]`.
"""

import asyncio
import csv
import hashlib
import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import psutil
import uvloop
from rich.console import Console

from bench.report import Line, as_table
from services.registry.domain.import_columns import ColumnMap, guessed
from services.registry.domain.list_import import ImportStatus, LineStatus
from services.registry.settings import Settings
from services.registry.storage import imports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_files import opened
from services.registry.storage.import_sources import FileSource
from services.registry.use_cases.open_import import open_import
from services.registry.use_cases.run_import import run_import
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.database import Database
from shared.garbage import settle
from shared.reference.areas import children, name_of
from tests.fixtures.processes import ROOT
from tests.fixtures.stack import Stack, empty, running_stack

ROWS: Final = 100_000
BROKEN: Final = 20
"""Every twentieth row has a fault."""
REGENCY: Final = "35.08"
DINSOS: Final = Actor(uuid.UUID(int=35), "worker", (Duty("DINSOS", "35", Role.DINSOS),))
HEAD: Final = ("No", "Nama", "NIK", "L/P", "Tanggal Lahir", "Alamat", "Desa", "Kecamatan",
               "Kabupaten", "Kategori", "No HP")  # fmt: skip
TABLES: Final = ("beneficiaries", "nik_index", "marks", "category_periods", "legal_bases",
                 "registration_keys", "event_log", "audit_log", "import_lines", "counted_records",
                 "count_changes")  # fmt: skip
"""What an import writes, in the order foreign keys ask for."""
_COPIES: Final = 3
_POSITION: Final = "select max(position) from registry.imports"
_SYLLABLES: Final = [a + b for a in "bdgjklmnprstwy" for b in "aeiou"]
WORDS: Final = [
    "".join(random.Random(number).choices(_SYLLABLES, k=2 + number % 3)).capitalize()
    for number in range(4_000)
]
"""The words that names are made of; about as many as a kabupaten uses."""
_FAULTS: Final = ("name", "nik", "date", "village", "category")


def write_list(path: Path, rows: int, *, area: str = REGENCY, seed: int = 7) -> None:
    """A list of invented people of a kabupaten, or of the first villages of a whole province."""
    chance = random.Random(seed)
    regencies = [area] if area == REGENCY else [code for code, _ in children(area)]
    villages = [
        (village, name_of(district) or "", name_of(regency) or "")
        for regency in regencies
        for district, _ in children(regency)[: None if area == REGENCY else 2]
        for _, village in children(district)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEAD)
        for number in range(rows):
            lines.writerow(_person(number, chance, villages))


def _person(number: int, chance: random.Random, villages: list[tuple[str, str, str]]) -> list[str]:
    village, district, regency = chance.choice(villages)
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1935, 2010)
    is_woman = chance.random() < 0.5
    digits = f"{day + 40 * is_woman:02}{month:02}{year % 100:02}"
    name = " ".join(chance.choices(WORDS, k=chance.randint(2, 3)))
    row = {
        "name": name,
        "nik": f"3508{number // 9999 % 90 + 10}{digits}{number % 9999 + 1:04}",
        "sex": "P" if is_woman else "L",
        "date": f"{day:02}/{month:02}/{year}",
        "address": f"RT {number % 9 + 1:02} RW {number % 5 + 1:02}",
        "village": village,
        "district": district,
        "regency": regency,
        "category": chance.choice(("LUT", "Fakir Miskin", "Penyandang Disabilitas", "PRSE")),
        "phone": f"08{chance.randint(10**9, 10**10 - 1)}",
    }
    if number % BROKEN == 0:
        fault = _FAULTS[number // BROKEN % len(_FAULTS)]
        row[fault] = "" if fault == "name" else "?"
    return [str(number + 1), *row.values()]


async def take_in(path: Path) -> None:
    """Take the list in, or go on with it: what the killed and resumed process does."""
    settle()
    settings = Settings()
    database = Database(settings.worker_database_url, pool_size=2)
    vault = NikVault(settings.nik_keys, settings.nik_index_key)
    sha256 = await asyncio.to_thread(lambda: hashlib.sha256(path.read_bytes()).digest())
    async with database.transaction() as tx:
        job = await imports.unfinished(tx, DINSOS, sha256)
        if job is None:
            with path.open("rb") as file:
                found = opened(file)
                columns = ColumnMap(columns=guessed(found.headers))
                total = sum(1 for _ in found.rows)
            job = await open_import(
                sha256=sha256, total=total, columns=columns, status=ImportStatus.RUNNING,
                tx=tx, actor=DINSOS,
            )  # fmt: skip
    process = psutil.Process()
    memory: list[int] = []
    started = time.perf_counter()
    await run_import(
        job.id, FileSource(path), database=database, vault=vault,
        told=lambda _: memory.append(process.memory_info().rss),
    )  # fmt: skip
    seconds = time.perf_counter() - started
    async with database.transaction() as tx:
        done = await imports.get(tx, job.id)
    assert done is not None
    await database.close()
    tenth = max(len(memory) // 10, 1)
    said = {
        "seconds": seconds,
        "rows": done.total - job.position,
        "total": done.total,
        "counts": {status: done.counts[status] for status in LineStatus},
        "memory": [memory[min(tenth, len(memory) - 1)], memory[-1]] if memory else [0, 0],
    }
    sys.stdout.write(json.dumps(said) + "\n")


def in_a_process(stack: Stack, path: Path) -> subprocess.Popen[str]:
    """The same in a process of its own, which may be killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.imports", "--take-in", str(path)],
        cwd=ROOT,
        env={**os.environ, **stack.environment},
        stdout=subprocess.PIPE,
        text=True,
    )


async def copy_again(stack: Stack) -> float:
    """Empty the tables and COPY what the import wrote into them back, three times; the median.

    Into the tables with their keys, references and indexes; the triggers do not run, and what they
    wrote is among the rows.
    In seconds.
    """
    connection: Any = await asyncpg.connect(
        stack.owner_url, server_settings={"search_path": "registry, public"}
    )
    kept: dict[str, tuple[list[str], bytes]] = {}
    for table in TABLES:
        rows = await connection.fetch(
            "select attname, attidentity = 'a' or attgenerated = 's' as own from pg_attribute "
            "where attrelid = $1::regclass and attnum > 0 and not attisdropped", table,
        )  # fmt: skip
        columns = [row["attname"] for row in rows if not row["own"]]
        out = io.BytesIO()
        quoted = ", ".join(f'"{one}"' for one in columns)
        await connection.copy_from_query(f"select {quoted} from {table}", output=out)  # noqa: S608 - ours
        kept[table] = (columns, out.getvalue())
    for table in TABLES:
        await connection.execute(f"alter table {table} disable trigger user")
    taken = []
    for _ in range(_COPIES):
        await connection.execute(f"truncate {', '.join(TABLES)} cascade")
        await connection.execute("vacuum")
        await connection.execute("checkpoint")
        started = time.perf_counter()
        for table, (columns, content) in kept.items():
            await connection.copy_to_table(
                table, source=io.BytesIO(content), columns=columns, timeout=600
            )
        taken.append(time.perf_counter() - started)
    for table in TABLES:
        await connection.execute(f"alter table {table} enable trigger user")
    await connection.close()
    return statistics.median(taken)


async def _empty(stack: Stack) -> None:
    """Nothing is there, and nothing waits to be written to the disk."""
    connection = await asyncpg.connect(stack.owner_url)
    await empty(connection)
    await connection.execute("checkpoint")
    await connection.close()


def run(rows: int = ROWS, *, kills: int = 2) -> list[Line]:
    """Take a list in, killed twice on the way; once more; and the COPY of the same rows."""
    with running_stack() as stack, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "daftar.csv"
        write_list(path, rows)
        asyncio.run(_empty(stack))
        whole = _said(in_a_process(stack, path))
        floor = asyncio.run(copy_again(stack))
        again = _said(in_a_process(stack, path))
        asyncio.run(_empty(stack))
        for place in range(kills):
            process = in_a_process(stack, path)
            asyncio.run(_until(stack, rows * (place + 1) // (kills + 1)))
            process.kill()
            process.wait()
        resumed = _said(in_a_process(stack, path))
        stored = asyncio.run(_stored(stack))
    for said in (whole, again, resumed):
        assert sum(said["counts"].values()) == said["total"] == rows, said
    assert resumed["counts"] == whole["counts"], (resumed, whole)
    assert stored == [whole["counts"]["created"]] * 3, stored
    assert again["counts"]["created"] == 0
    first, last = (size / 2**20 for size in whole["memory"])
    return [
        Line(f"Import of {rows:,} rows", "rows/s", rows / whole["seconds"], rows / floor,
             ratio_goal=1 / 3),
        Line("Import, memory after a tenth", "MB", first),
        Line("Import, memory at the end", "MB", last, goal=first * 1.25, less_is_better=True),
        Line("Import, refused rows", "", whole["counts"]["refused"]),
        Line("Import, created rows", "", whole["counts"]["created"]),
        Line("The same list again, created rows", "", again["counts"]["created"]),
    ]  # fmt: skip


def _said(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _ = process.communicate()
    assert process.returncode == 0
    said: dict[str, Any] = json.loads(output.splitlines()[-1])
    return said


async def _until(stack: Stack, position: int) -> None:
    connection = await asyncpg.connect(stack.owner_url)
    for _ in range(60_000):
        if (await connection.fetchval(_POSITION) or 0) >= position:
            break
        await asyncio.sleep(0.02)
    await connection.close()


async def _stored(stack: Stack) -> list[int]:
    connection = await asyncpg.connect(stack.owner_url)
    counts = [
        await connection.fetchval(f"select count(*) from registry.{table}")  # noqa: S608 - ours
        for table in ("beneficiaries", "event_log", "registration_keys")
    ]
    await connection.close()
    return counts


def _words() -> Iterator[str]:
    yield from (word for word in sys.argv[1:] if word.isdigit())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--take-in"]:
        uvloop.run(take_in(Path(sys.argv[2])))
    else:
        Console().print(as_table(run(int(next(_words(), str(ROWS))))))
