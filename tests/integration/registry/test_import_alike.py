"""Lines of a list about somebody who is there already, or only seems to be."""

import csv
import uuid
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from fastapi import FastAPI

from bench.imports import write_list
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_sources import BATCH
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.database import Database
from tests.integration.registry.conftest import NIK, Api, Body, Register
from tests.integration.registry.lists import (
    BUDI,
    SITI,
    as_csv,
    columns,
    count,
    go_through,
    results,
    taken_in,
    upload,
)

Make = Callable[..., Actor]


async def test_a_registered_nik_is_matched_and_under_another_name_looked_at(
    *, api: Api, app: FastAPI, dinsos: Actor, psm: Actor, person: Body, worker_db: Database,
    vault: NikVault, owner: asyncpg.Connection,
) -> None:  # fmt: skip
    there = (await api(psm).post("/beneficiaries", json=person())).json()["id"]
    other = ("4", "Paijo Kusumo", NIK, *BUDI[3:])
    named = ("5", "Siti Aminah", NIK, *BUDI[3:])
    number = await taken_in(api(dinsos), app, worker_db, vault, as_csv(named, other))
    matched, similar = await results(api(dinsos), number)
    assert (matched["status"], matched["beneficiary_id"]) == ("matched", there)
    assert (similar["status"], similar["beneficiary_id"]) == ("similar", there)
    assert await count(owner, "beneficiaries") == 1
    noted = await owner.fetchval(
        "select count(*) from audit_log where subject_id = $1 and actor_id = $2"
        " and action = 'beneficiary.lookalike_shown' and detail = $3",
        uuid.UUID(there), dinsos.id, f"import {number}",
    )  # fmt: skip
    assert noted == 2


async def test_a_nik_registered_out_of_sight_is_matched_by_name_as_well(
    *, api: Api, app: FastAPI, make_actor: Make, psm: Actor, person: Body, worker_db: Database,
    vault: NikVault, owner: asyncpg.Connection,
) -> None:  # fmt: skip
    there = make_actor("PSM", "35.08.02.2001")
    made = await api(there).post("/beneficiaries", json=person(area="35.08.02.2001"))
    assert made.status_code == 201
    other = ("4", "Paijo Kusumo", NIK, *BUDI[3:])
    named = ("5", "Siti Aminah", NIK, *BUDI[3:])
    client = api(make_actor("TKSK", "35.08.03", Role.COORDINATOR))
    number = await taken_in(client, app, worker_db, vault, as_csv(named, other))
    matched, similar = await results(client, number)
    assert (matched["status"], matched["beneficiary_id"]) == ("matched", None)
    assert matched["why"] == "NIK sudah tercatat di luar jangkauan tugas Anda."
    assert (similar["status"], similar["beneficiary_id"]) == ("similar", None)
    assert similar["why"] == "NIK ini sudah tercatat atas nama lain."
    assert await count(owner, "beneficiaries") == 1
    assert await owner.fetchval(
        "select count(*) from audit_log where action = 'beneficiary.lookalike_shown'"
        " and subject_id = $1", uuid.UUID(made.json()["id"]),
    )  # fmt: skip


@pytest.mark.parametrize("accept", [False, True])
async def test_somebody_who_looks_alike_waits_for_a_person_unless_told_otherwise(
    *, accept: bool, api: Api, app: FastAPI, dinsos: Actor, psm: Actor, register: Register,
    worker_db: Database, vault: NikVault, owner: asyncpg.Connection,
) -> None:  # fmt: skip
    there = await register(psm)
    alike = ("1", "Siti Aminah", "", "P", "12/03/1954", "", "Sumberwuluh", "Candipuro", "LUT", "")
    content = as_csv(alike)
    number = await taken_in(api(dinsos), app, worker_db, vault, content, accept_lookalikes=accept)
    (line,) = await results(api(dinsos), number)
    assert line["status"] == ("created" if accept else "similar")
    assert await count(owner, "beneficiaries") == (2 if accept else 1)
    if accept:
        assert line["why"].startswith("Dicatat meskipun ada yang mirip.")
        actions = await owner.fetch(
            "select action, detail from audit_log where subject_id = $1", there
        )
        accepted = ("beneficiary.lookalike_accepted", line["beneficiary_id"])
        assert accepted in {tuple(row) for row in actions}
    else:
        assert line["beneficiary_id"] == str(there)
        assert "nama sama" in line["why"]


@pytest.mark.parametrize("born", ["12/04/1963", "1964", ""])
async def test_a_mistyped_name_of_a_list_is_found_as_on_every_way_in(
    born: str, api: Api, app: FastAPI, dinsos: Actor, psm: Actor, register: Register,
    worker_db: Database, vault: NikVault,
) -> None:  # fmt: skip
    there = await register(
        psm, name="Rohman Gunoso", sex="M", birth={"date": "1963-12-04"}, phone=None
    )
    content = as_csv(
        ("1", "Rohmat Gunoso", "", "L", born, "", "Sumberwuluh", "Candipuro", "LUT", "")
    )
    number = await taken_in(api(dinsos), app, worker_db, vault, content)
    (line,) = await results(api(dinsos), number)
    assert (line["status"], line["beneficiary_id"]) == ("similar", str(there))


async def test_two_lines_of_one_batch_that_look_alike_are_not_both_taken(
    api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault
) -> None:
    one = ("1", "Suparmi Handayani", "", "P", "12/03/1954", "", "Jarit", "Candipuro", "LUT", "")
    two = ("2", "Soeparmi Handajani", "", "P", "12/03/1954", "x", "Jarit", "Candipuro", "LUT", "")
    nik = (*SITI[:5], "RT 09", *SITI[6:])
    number = await taken_in(api(dinsos), app, worker_db, vault, as_csv(one, two, SITI, nik))
    lines = await results(api(dinsos), number)
    assert [line["status"] for line in lines] == ["created", "similar", "created", "matched"]
    assert lines[1]["beneficiary_id"] == lines[0]["beneficiary_id"]
    assert lines[1]["why"].startswith("Mirip dengan baris 2:")
    assert lines[3]["beneficiary_id"] == lines[2]["beneficiary_id"]


async def test_a_number_twice_in_a_list_under_two_names_is_told_by_its_check_too(
    api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault, tmp_path: Path
) -> None:
    """However many lines lie between."""
    path = tmp_path / "daftar.csv"
    write_list(path, BATCH)
    text = path.read_text("utf-8")
    _, _, nik, *rest = next(csv.reader([text.splitlines()[2]]))
    content = f"{text}1001,Lain Samasekali,{nik},{','.join(rest)}\n".encode()
    client = api(dinsos)
    number = await upload(client, content)
    await client.post(f"/imports/{number}/check", json=columns(content))
    for _ in range(2):
        await go_through(app, worker_db, vault)
        (last,) = await results(client, number, after=BATCH + 1)
        assert last["status"] == "similar"
        await client.post(f"/imports/{number}/start")


async def test_whoever_was_left_to_a_person_is_left_again_when_the_list_comes_again(
    *, api: Api, app: FastAPI, dinsos: Actor, worker_db: Database, vault: NikVault,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    """They have another sound and no day, so only the row beside them shows the likeness."""
    one = ("1", "Parjiyem", "", "P", "1954", "", "Jarit", "Candipuro", "LUT", "")
    two = ("2", "Pardiyem", "", "P", "1954", "x", "Jarit", "Candipuro", "LUT", "")
    first = await taken_in(api(dinsos), app, worker_db, vault, as_csv(one, two))
    assert [line["status"] for line in await results(api(dinsos), first)] == ["created", "similar"]
    again = await taken_in(api(dinsos), app, worker_db, vault, as_csv(one, two, BUDI))
    lines = await results(api(dinsos), again)
    assert [line["status"] for line in lines] == ["matched", "similar", "created"]
    assert lines[1]["beneficiary_id"] == lines[0]["beneficiary_id"]
    assert await count(owner, "beneficiaries") == 2
