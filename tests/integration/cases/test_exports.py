"""Sheets for coordinators: no formula, no person, no need, and a line in the audit log."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from shared.auth import Actor
from shared.contracts.codes import Confidentiality, Role
from shared.database import Database
from shared.formulas import safe
from tests.conftest import CANDIPURO, LUMAJANG
from tests.integration.cases.conftest import Api, Owner
from tests.integration.cases.seeding import put

Make = Callable[..., Actor]
FORMULA = '=HYPERLINK("http://x")'


async def sheet(api: Api, actor: Actor, path: str, kind: str, **question: str) -> bytes:
    answer = await api(actor).get(path, params={"format": kind, **question})
    assert answer.status_code == 200, answer.text
    assert f".{kind}" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def table(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "|x", "%0"]
)
def test_a_text_that_a_spreadsheet_could_run_is_only_text(start: str) -> None:
    assert safe(start) == "'" + start
    assert safe("RJ-35.08-2026-000123") == "RJ-35.08-2026-000123"


async def test_the_open_list_as_a_sheet_holds_no_formula_no_person_and_no_need(
    api: Api, psm: Actor, dinsos: Actor, worker_db: Database, owner: Owner
) -> None:
    one = await put(worker_db, psm, need="Bu Sulastri tidur di emper pasar.")
    await put(worker_db, psm, confidentiality=Confidentiality.C2, category="ODHA")
    await put(worker_db, psm, area="35.09.01")
    await owner.execute("update referrals set case_number = $2 where id = $1", one, FORMULA)
    plain = await sheet(api, dinsos, "/referrals/open/export", "csv")
    lines = table(plain)
    assert {line["Nomor kasus"] for line in lines} >= {"'" + FORMULA}
    assert [line["Kategori"] for line in lines].count("GLD") == 1
    assert [line["Kode wilayah"] for line in lines] == [CANDIPURO] * 2
    assert {line["Pilar"] for line in lines} == {"Tenaga Kesejahteraan Sosial Kecamatan"}
    book = parts(await sheet(api, dinsos, "/referrals/open/export", "xlsx"))
    cells = "".join(text for name, text in book.items() if "worksheets" in name)
    assert cells.count("<row ") == 3
    assert not re.search(r"<f[ >]", cells)
    assert "hyperlink" not in cells
    for text in (plain.decode(), *book.values()):
        for word in ("Sulastri", "emper", "ODHA", str(psm.id), str(one)):
            assert word not in text


async def test_the_board_as_a_sheet_says_what_the_board_says(
    api: Api, psm: Actor, dinsos: Actor, worker_db: Database
) -> None:
    for _ in range(2):
        await put(worker_db, psm)
    await put(worker_db, psm, pillar="TAGANA", area=LUMAJANG)
    lines = table(await sheet(api, dinsos, "/board/export", "csv", by="pillar"))
    assert [(line["Kode"], line["Nama"], line["Terbuka"]) for line in lines] == [
        ("", "Semua", "3"),
        ("TAGANA", "Taruna Siaga Bencana", "1"),
        ("TKSK", "Tenaga Kesejahteraan Sosial Kecamatan", "2"),
    ]
    book = parts(await sheet(api, dinsos, "/board/export", "xlsx"))
    assert any("Terkirim" in text for text in book.values())


async def test_every_export_is_in_the_audit_log(api: Api, dinsos: Actor, owner: Owner) -> None:
    await sheet(api, dinsos, "/referrals/open/export", "csv")
    await sheet(api, dinsos, "/board/export", "xlsx")
    rows: list[Any] = await owner.fetch(
        "select actor_id, action, detail from audit_log order by id"
    )
    assert [(row["actor_id"], row["action"]) for row in rows] == [
        (dinsos.id, "referral.export"),
        (dinsos.id, "board.export"),
    ]
    assert rows[0]["detail"] == "- - csv 0"


async def test_a_sheet_holds_the_callers_scope_alone(
    api: Api, psm: Actor, make_actor: Make, worker_db: Database
) -> None:
    await put(worker_db, psm)
    for role, pillar, area, count in (
        (Role.COORDINATOR, "TKSK", LUMAJANG, 1),
        (Role.COORDINATOR, "PSM", LUMAJANG, 0),
        (Role.DINSOS, "DINSOS", "35.09", 0),
    ):
        caller = make_actor(pillar, area, role)
        assert len(table(await sheet(api, caller, "/referrals/open/export", "csv"))) == count
        (total, *_) = table(await sheet(api, caller, "/board/export", "csv"))
        assert total["Terbuka"] == str(count)
    assert (await api(psm).get("/referrals/open/export")).status_code == 403
