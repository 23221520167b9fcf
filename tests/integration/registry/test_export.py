"""Beneficiaries taken away as a sheet: what it says, what it hides, and who is told of it."""

import csv
import io
import uuid

import asyncpg
import python_calamine

from services.registry.api.exports import PAGE
from shared.auth import Actor
from shared.database import Database
from tests.integration.registry.conftest import NIK, Api, Body, Register


def table(content: bytes) -> list[dict[str, str]]:
    _, head, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    return [dict(zip(head, line, strict=True)) for line in lines]


async def test_a_sheet_says_who_they_are_with_the_nik_masked_and_no_formula(
    api: Api, psm: Actor, dinsos: Actor, person: Body
) -> None:
    body = person(address='=HYPERLINK("http://evil.test")')
    made = (await api(psm).post("/beneficiaries", json=body)).json()["id"]
    answer = await api(dinsos).get("/beneficiaries/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="warga.csv"'
    assert answer.headers["cache-control"] == "no-store"
    (line,) = table(answer.content)
    assert line["Nama"] == "Siti Aminah"
    assert line["NIK (disamarkan)"] == "3508********0001"
    assert line["Tanggal lahir"] == "12/03/1954"
    assert line["Desa/Kelurahan"] == "Sumberwuluh"
    assert line["Alamat"] == '\'=HYPERLINK("http://evil.test")'
    assert line["Kategori PPKS"] == "Lanjut Usia Telantar"
    assert line["Nomor data"] == made
    assert NIK not in answer.text
    assert str(dinsos.id) in answer.text
    book = await api(dinsos).get("/beneficiaries/export", params={"format": "xlsx"})
    sheet = python_calamine.load_workbook(io.BytesIO(book.content)).get_sheet_by_index(0)
    assert sheet.to_python()[2][0] == "Siti Aminah"


async def test_a_sheet_is_narrowed_like_the_list_and_refused_like_it(
    api: Api, psm: Actor, dinsos: Actor, register: Register
) -> None:
    await register(psm, name="Siti Aminah")
    await register(psm, name="Budi Hartono", categories=["PD"], birth={"year": 1980})
    for asked, names in (
        ({"category": "PD"}, ["Budi Hartono"]),
        ({"area": "35.08.02"}, []),
    ):
        answer = await api(dinsos).get("/beneficiaries/export", params=asked)
        assert [line["Nama"] for line in table(answer.content)] == names, asked
    for wrong in ({"area": "99"}, {"category": "ZZZ"}):
        answer = await api(dinsos).get("/beneficiaries/export", params=wrong)
        assert answer.status_code == 422, wrong


async def test_every_person_taken_away_stands_in_the_trail_before_the_sheet_leaves(
    api: Api, psm: Actor, dinsos: Actor, register: Register, owner: asyncpg.Connection
) -> None:
    made = await register(psm)
    await api(dinsos).get("/beneficiaries/export")
    rows = await owner.fetch(
        "select subject_id from audit_log where action = 'beneficiary.exported' and actor_id = $1",
        dinsos.id,
    )
    assert [row["subject_id"] for row in rows] == [made]


async def test_a_list_longer_than_a_page_is_whole(
    api: Api, psm: Actor, dinsos: Actor, register: Register, owner: asyncpg.Connection,
    worker_db: Database,
) -> None:  # fmt: skip
    made = await register(psm)
    columns = [
        row["attname"]
        for row in await owner.fetch(
            "select attname from pg_attribute where attrelid = 'beneficiaries'::regclass"
            " and attnum > 0 and not attisdropped and attgenerated = '' and attname <> 'id'"
        )
    ]
    listed = ", ".join(columns)
    async with worker_db.transaction() as tx:
        await tx.fetch(
            f"insert into beneficiaries (id, {listed}) select n, {listed} from beneficiaries,"  # noqa: S608 - ours
            " unnest($2::uuid[]) n where id = $1",
            made,
            [uuid.uuid4() for _ in range(PAGE)],
        )
    answer = await api(dinsos).get("/beneficiaries/export")
    assert len({line["Nomor data"] for line in table(answer.content)}) == PAGE + 1
