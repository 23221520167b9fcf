"""Lists taken in: what becomes of each line, whose they are, and that nothing comes in twice."""

import csv
import io
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from services.registry.domain.import_row import Line, ReadRow, RowReader
from services.registry.rounds import IMPORT_TRIES, importer
from services.registry.storage import imports
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.sweep_imports import sweep_imports
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.database import Database
from shared.errors import Unavailable
from tests.conftest import LUMAJANG, SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.registry.conftest import NIK, Api
from tests.integration.registry.lists import (
    BROKEN,
    BUDI,
    EMPTY,
    HEAD,
    SITI,
    as_csv,
    as_xlsx,
    begun,
    columns,
    count,
    counts,
    go_through,
    results,
    taken_in,
    upload,
)

Make = Callable[..., Actor]
TAKEN = ("beneficiaries", "event_log", "registration_keys", "legal_bases")


@pytest.mark.parametrize("made", [as_csv, as_xlsx])
async def test_a_list_is_uploaded_checked_and_taken_in(
    *,
    made: Callable[..., bytes],
    api: Api,
    app: FastAPI,
    dinsos: Actor,
    worker_db: Database,
    vault: NikVault,
    owner: asyncpg.Connection,
) -> None:
    client, content = api(dinsos), made(SITI, BUDI, BROKEN, EMPTY, SITI)
    number = await upload(client, content)
    seen = (await client.get(f"/imports/{number}")).json()
    assert (seen["status"], seen["total"]) == ("uploaded", 5)
    assert [one["field"] for one in seen["columns"]][:4] == [None, "name", "nik", "sex"]
    assert seen["columns"][1]["samples"] == ["Siti Aminah", "Budi Hartono", ""]
    assert seen["columns"][2]["samples"] == ["3508********0001", "", "123"]
    unchecked = await client.post(f"/imports/{number}/start")
    assert unchecked.json()["type"].endswith("import-unchecked")
    await client.post(f"/imports/{number}/check", json=columns(content))
    await go_through(app, worker_db, vault)
    tried = {"created": 2, "matched": 1, "similar": 0, "refused": 1, "skipped": 1}
    assert await counts(client, number) == tried
    for table in ("beneficiaries", "event_log", "registration_keys"):
        assert await count(owner, table) == 0
    await client.post(f"/imports/{number}/start")
    await go_through(app, worker_db, vault)
    assert await counts(client, number) == tried
    for table in TAKEN:
        assert await count(owner, table) == 2
    lines = await results(client, number)
    assert [one["status"] for one in lines] == [
        "created", "created", "refused", "skipped", "matched",
    ]  # fmt: skip
    assert lines[4]["beneficiary_id"] == lines[0]["beneficiary_id"]
    record = (await client.get(f"/beneficiaries/{lines[0]['beneficiary_id']}")).json()
    assert record["name"] == "Siti Aminah"
    assert record["nik"] == "3508********0001"
    assert (record["area"], record["categories"]) == (SUMBERWULUH, ["LUT"])
    assert (record["sex"], record["birth"]["date"]) == ("F", "1954-03-12")
    assert record["registered_by"] == str(dinsos.id)


async def test_a_check_says_which_lines_it_would_take_in_though_they_look_odd(
    api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault
) -> None:
    odd = (*SITI[:4], "13/03/1954", *SITI[5:])
    client, content = api(dinsos), as_csv(odd, BUDI, BROKEN)
    number = await upload(client, content)
    await client.post(f"/imports/{number}/check", json=columns(content))
    await go_through(app, worker_db, vault)
    assert len(await results(client, number, status="created")) == 2
    (line,) = await results(client, number, status="created", noted=True)
    assert (line["line"], line["why"]) == (2, "Tanggal lahir di NIK berbeda dari isian.")
    file = (await client.get(f"/imports/{number}/result")).text
    assert [file.count(words) for words in ("akan dicatat", "akan ditolak", ",dicatat")] == [
        2,
        1,
        0,
    ]
    await client.post(f"/imports/{number}/start")
    await go_through(app, worker_db, vault)
    file = (await client.get(f"/imports/{number}/result")).text
    assert [file.count(words) for words in ("akan", ",dicatat", ",ditolak")] == [0, 2, 1]


async def test_a_refused_line_says_everything_that_is_wrong_with_it_and_where(
    api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault
) -> None:
    client = api(dinsos)
    number = await taken_in(client, app, worker_db, vault, as_csv(SITI, BROKEN))
    (line,) = await results(client, number, status="refused")
    assert line["line"] == 3
    for words in (
        "Kolom B (Nama): Wajib diisi.",
        "Kolom C (NIK): NIK harus terdiri dari tepat 16 angka.",
        "Kolom D (Jenis kelamin): Jenis kelamin ditulis L atau P.",
        "Kolom E (Tanggal atau tahun lahir): Tanggal ini tidak ada di kalender.",
        "Kolom G (Desa/kelurahan): Desa/kelurahan ini tidak ditemukan di wilayah tugas Anda.",
        "Kolom I (Kategori PPKS): Kategori PPKS “Apa” tidak dikenal.",
        "Kolom J (Nomor telepon): Nomor telepon tidak terbaca.",
    ):
        assert words in line["why"]
    for cell in BROKEN[2:]:
        assert not cell or cell not in line["why"].replace("NIK", "").split()


async def test_the_same_list_again_changes_nothing_whoever_brings_it(
    *,
    api: Api,
    app: FastAPI,
    dinsos: Actor,
    make_actor: Make,
    worker_db: Database,
    vault: NikVault,
    owner: asyncpg.Connection,
) -> None:
    first = await taken_in(api(dinsos), app, worker_db, vault, as_csv(SITI, BUDI))
    made = [one["beneficiary_id"] for one in await results(api(dinsos), first)]
    before = [await count(owner, table) for table in TAKEN]
    colleague = api(make_actor("DINSOS", LUMAJANG, Role.DINSOS))
    turned = tuple(HEAD[place] for place in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0))
    rows = [tuple(reversed(row)) for row in (BUDI, SITI)]
    for client, content in (
        (api(dinsos), as_csv(SITI, BUDI)),
        (colleague, as_xlsx(*rows, head=turned)),
    ):
        number = await taken_in(client, app, worker_db, vault, content)
        lines = await results(client, number)
        assert {one["status"] for one in lines} == {"matched"}
        assert {one["beneficiary_id"] for one in lines} == set(made)
    assert [await count(owner, table) for table in TAKEN] == before


async def test_a_list_is_known_again_after_new_keys(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, owner: asyncpg.Connection
) -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    for keys in ({1: old}, {1: old, 2: new}):
        vault = NikVault({1: old}, keys)
        number = await taken_in(
            api(dinsos), app, worker_db, vault, as_csv(BUDI), accept_lookalikes=True
        )
    assert (await counts(api(dinsos), number))["matched"] == 1
    assert await count(owner, "beneficiaries") == 1


async def test_a_fault_of_ours_ends_an_import_and_is_not_repeated_without_end(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client, content = api(dinsos), as_csv(SITI, BUDI)
    number = await upload(client, content)
    assert (await client.post(f"/imports/{number}/check", json=columns(content))).is_success
    monkeypatch.setattr(RowReader, "read", _broken)
    await go_through(app, worker_db, vault)
    shown = (await client.get(f"/imports/{number}/progress")).json()
    assert shown["status"] == "failed"
    assert (await client.post(f"/imports/{number}/start")).status_code == 409
    async with worker_db.transaction() as tx:
        assert await imports.waiting(tx) is None


async def test_a_list_that_the_database_keeps_refusing_is_ended_and_one_refusal_is_nothing(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async def status_of(number: str) -> str:
        told: dict[str, str] = (await api(dinsos).get(f"/imports/{number}/progress")).json()
        return told["status"]

    number = await upload(api(dinsos), content := as_csv(SITI, BUDI))
    assert (await api(dinsos).post(f"/imports/{number}/check", json=columns(content))).is_success
    rounds = importer(worker_db, vault=vault, store=app.state.import_store)
    with monkeypatch.context() as patched:
        patched.setattr(RowReader, "read", _refused)
        with pytest.raises(asyncpg.QueryCanceledError):
            await rounds.go()
    await rounds.go()
    assert await status_of(number) == "checked"

    assert (await api(dinsos).post(f"/imports/{number}/start")).is_success
    monkeypatch.setattr(RowReader, "read", _refused)
    for _ in range(IMPORT_TRIES - 2):
        with pytest.raises(asyncpg.QueryCanceledError):
            await rounds.go()
        assert await status_of(number) == "running"
    await rounds.go()
    assert await status_of(number) == "failed"


def _refused(_reader: RowReader, _line: Line) -> ReadRow:
    raise asyncpg.QueryCanceledError


def _broken(_reader: RowReader, _line: Line) -> ReadRow:
    raise ValueError


async def test_a_list_whose_rows_were_not_all_put_away_is_no_list_yet(
    api: Api, app: FastAPI, dinsos: Actor, owner: asyncpg.Connection
) -> None:
    client, content, key = api(dinsos), as_csv(SITI, BUDI), {"Idempotency-Key": str(uuid.uuid4())}
    files = {"file": ("daftar.csv", content)}
    whole, app.state.import_store = app.state.import_store, FullStore()
    answer = await client.post("/imports", files=files, headers=key)
    assert answer.status_code == 503
    number = await owner.fetchval("select id from imports")
    refused = await client.post(f"/imports/{number}/check", json=columns(content))
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:sinergi:problem:import-incomplete"
    app.state.import_store = whole
    again = await client.post("/imports", files=files, headers=key)
    assert again.status_code == 200
    assert again.json()["id"] == str(number)
    assert (await client.post(f"/imports/{number}/check", json=columns(content))).is_success


class FullStore:
    """A place for files with no room left."""

    async def put(self, _name: str, _content: bytes) -> None:
        raise Unavailable


async def test_an_operators_import_that_nobody_goes_on_with_is_forgotten_in_the_end(
    *, app: FastAPI, dinsos: Actor, worker_db: Database, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "daftar.csv"
    path.write_bytes(as_csv(SITI))
    await begun(worker_db, dinsos, path)
    store = app.state.import_store
    assert await sweep_imports(database=worker_db, store=store) == 0
    await owner.execute("update imports set changed_at = changed_at - $1::interval",
                        imports.KEPT_RESULTS)  # fmt: skip
    assert await sweep_imports(database=worker_db, store=store) == 1
    assert await count(owner, "imports") == 0


async def test_lines_outside_the_importers_area_are_refused(
    api: Api, app: FastAPI, make_actor: Make, worker_db: Database, vault: NikVault
) -> None:
    client = api(make_actor("TKSK", "35.08.03", Role.COORDINATOR))
    head = ("Nama", "Kode Desa", "Kategori")
    rows = [("Ada Di Sini", SUMBERWULUH, "LUT"), ("Ada Di Sana", "3508022001", "LUT")]
    number = await taken_in(client, app, worker_db, vault, as_csv(*rows, head=head))
    lines = await results(client, number)
    assert [line["status"] for line in lines] == ["created", "refused"]
    assert lines[1]["why"] == "Desa/kelurahan ini di luar wilayah tugas Anda."


async def test_an_import_is_its_importers_own(api: Api, dinsos: Actor, make_actor: Make) -> None:
    content = as_csv(SITI)
    number = await upload(api(dinsos), content)
    other = api(make_actor("DINSOS", LUMAJANG, Role.DINSOS))
    for path in ("", "/progress", "/lines", "/result"):
        assert (await other.get(f"/imports/{number}{path}")).status_code == 404, path
    check = await other.post(f"/imports/{number}/check", json=columns(content))
    assert check.status_code == 404
    for step in ("start", "stop"):
        assert (await other.post(f"/imports/{number}/{step}")).status_code == 404
    assert (await other.get("/imports")).json() == {"items": []}
    assert [one["id"] for one in (await api(dinsos).get("/imports")).json()["items"]] == [number]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Pilih satu berkas"),
        (b"\x00\x01\x02", "bukan CSV atau XLSX"),
        (b"PK\x03\x04 no book", "rusak atau terkunci"),
        (b"\xd0\xcf\x11\xe0 old", "XLSX atau CSV"),
        (b"Nama,NIK\n", "Tidak ada baris di bawah"),
    ],
)
async def test_a_file_that_is_no_list_is_refused(
    api: Api, dinsos: Actor, owner: asyncpg.Connection, content: bytes, words: str
) -> None:
    answer = await api(dinsos).post("/imports", files={"file": ("daftar.csv", content)})
    assert answer.status_code == 422
    assert words in answer.json()["errors"][0]["detail"]
    assert await count(owner, "imports") == 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"columns": {"nik": 2}}, "/columns/name"),
        ({"columns": {"name": 1, "village": 6}}, "/category"),
        ({"columns": {"name": 1, "categories": 8}}, "/area"),
        ({"columns": {"name": 1, "village": 6}, "category": "ZZZ"}, "/category"),
        ({"columns": {"name": 1, "categories": 8}, "area": "35.99"}, "/area"),
    ],
)
async def test_columns_that_say_too_little_are_refused_at_their_place(
    api: Api, dinsos: Actor, changes: dict[str, Any], pointer: str
) -> None:
    client = api(dinsos)
    number = await upload(client, as_csv(SITI))
    answer = await client.post(f"/imports/{number}/check", json=changes)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_what_is_under_way_or_done_is_not_begun_again(
    api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault
) -> None:
    client, content = api(dinsos), as_csv(SITI)
    number = await upload(client, content)
    assert (await client.post(f"/imports/{number}/check", json=columns(content))).is_success
    again = await client.post(f"/imports/{number}/check", json=columns(content))
    assert again.json()["type"].endswith("import-under-way")
    await go_through(app, worker_db, vault)
    assert (await client.post(f"/imports/{number}/start")).is_success
    await go_through(app, worker_db, vault)
    for step, body in (("start", None), ("check", columns(content))):
        refused = await client.post(f"/imports/{number}/{step}", json=body)
        assert refused.status_code == 409, step


async def test_the_result_file_has_every_line_and_nobodys_name(
    api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault
) -> None:
    client = api(dinsos)
    number = await taken_in(client, app, worker_db, vault, as_csv(SITI, BROKEN, EMPTY))
    answer = await client.get(f"/imports/{number}/result")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["Baris", "Hasil", "Nomor data", "Keterangan"]
    assert [line[:2] for line in lines[1:]] == [
        ["2", "dicatat"], ["3", "ditolak"], ["4", "dilewati"],
    ]  # fmt: skip
    assert uuid.UUID(lines[1][2])
    assert "Siti" not in answer.text
    assert NIK not in answer.text
    book = await client.get(f"/imports/{number}/result", params={"format": "xlsx"})
    assert book.content.startswith(b"PK")


async def test_a_kept_list_is_sealed_and_gone_once_it_is_taken_in(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault, clean: Stack,
) -> None:  # fmt: skip
    client, content = api(dinsos), as_csv(SITI)
    number = await upload(client, content)
    folder = clean.folder / "imports"
    kept = list(folder.rglob(f"{number}.*"))
    assert len(kept) == 2
    for path in kept:
        assert b"Siti" not in path.read_bytes()
        assert NIK.encode() not in path.read_bytes()
    await client.post(f"/imports/{number}/check", json=columns(content))
    await go_through(app, worker_db, vault)
    await client.post(f"/imports/{number}/start")
    await go_through(app, worker_db, vault)
    assert await sweep_imports(database=worker_db, store=app.state.import_store) == 1
    assert not list(folder.rglob(f"{number}.*"))
    assert await sweep_imports(database=worker_db, store=app.state.import_store) == 0
    assert (await client.get(f"/imports/{number}")).json()["columns"] == []
    assert len(await results(client, number)) == 1


async def test_a_list_nobody_goes_on_with_and_old_results_are_swept_away(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    await upload(api(dinsos), as_csv(SITI))
    await taken_in(api(dinsos), app, worker_db, vault, as_csv(BUDI))
    store = app.state.import_store
    await sweep_imports(database=worker_db, store=store)
    assert await count(owner, "imports") == 2
    for ago, left in ((imports.KEPT_UNUSED, 1), (imports.KEPT_RESULTS, 0)):
        await owner.execute("update imports set changed_at = changed_at - $1::interval", ago)
        await sweep_imports(database=worker_db, store=store)
        assert await count(owner, "imports") == left
    assert await count(owner, "import_lines") == 0
    assert await count(owner, "beneficiaries") == 1


async def test_an_upload_sent_again_under_its_key_is_one_import(
    api: Api, dinsos: Actor, owner: asyncpg.Connection
) -> None:
    client = api(dinsos)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [
        await client.post("/imports", files={"file": ("a.csv", as_csv(SITI))}, headers=key)
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert await count(owner, "imports") == 1
