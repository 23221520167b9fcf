"""Laporan: what the pages show of a report, and what they ask of the registry."""

import re
from uuid import uuid4

import httpx2
import pytest

from services.portal.forms import page_of
from tests.integration.portal.answers.known import ME, OTHER, PERSON, REPORT, VILLAGE
from tests.integration.portal.answers.registry import REPORTED as WORDS
from tests.integration.portal.answers.registry import report
from tests.integration.portal.neighbours import Neighbours

HERE = f"/laporan/{REPORT}"
GET = f"GET /registry/reports/{REPORT}"
SETTLE = f"POST /registry/reports/{REPORT}/settle"
REGISTER = f"POST /registry/reports/{REPORT}/register"


@pytest.fixture
def waiting(neighbours: Neighbours) -> Neighbours:
    """One report waits."""
    neighbours.answer(GET, report())
    return neighbours


async def test_the_list_names_whom_it_may_and_says_when_there_is_nothing(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    row = {key: report()[key] for key in ("id", "source", "area", "received_at")}
    rows = [
        {**row, "name": "Sumi Astuti", "confidentiality": "C1"},
        {**row, "id": OTHER, "name": None, "confidentiality": "C3"},
        {**row, "id": ME, "name": None, "confidentiality": "C1"},
    ]
    neighbours.answer("GET /registry/reports", {"items": rows, "next": "further"})
    page = (await browser.get("/laporan")).text
    for words in (
        "Sumi Astuti",
        "Puskesmas Candipuro",
        HERE,
        "kursor=further",
        "Layanan khusus",
        "Isi tidak terbaca",
    ):
        assert words in page
    neighbours.answer("GET /registry/reports", {"items": [], "next": None})
    assert "Tidak ada laporan yang menunggu." in (await browser.get("/laporan")).text


async def test_a_report_is_shown_with_whoever_may_be_the_same(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    found = [
        {"id": PERSON, "score": 0.9, "reasons": ["nama sama"]},
        {"id": OTHER, "score": 0.8, "reasons": ["NIK sama persis"]},
    ]
    neighbours.answer(GET, report(candidates=found))
    page = (await browser.get(HERE)).text
    for words in (WORDS, "kira-kira 78 tahun", "3508034101480009", "Mungkin sudah terdaftar"):
        assert words in page
    assert page.count(f'action="{HERE}/sama"') == 1, "of one the worker may not know who it is"
    assert "Tanyakan kepada TKSK atau Dinas Sosial setempat." in page


async def test_the_form_of_registration_begins_with_what_the_report_says(
    browser: httpx2.AsyncClient, waiting: Neighbours
) -> None:
    page = (await browser.get(f"/daftar?laporan={REPORT}")).text
    for value in ("Sumi Astuti", "78", "3508034101480009", "0812 0000 0001", REPORT):
        assert f'value="{value}"' in page
    assert f'<option value="{VILLAGE}" selected>' in page
    assert 'value="LUT" checked' in page


async def test_a_reported_newborn_and_another_kabupaten_are_taken_over(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    said = {**report()["said"], "birth": {"date": None, "year": None, "age": 0}}
    neighbours.answer(GET, report(said=said))
    page = (await browser.get(f"/daftar?laporan={REPORT}&wilayah=35.09")).text
    assert re.search(r'name="birth.age"[^>]*value="0"', page)
    assert 'name="wilayah" value="35.09"' in page


async def test_a_report_that_cannot_be_read_says_so_and_can_be_settled(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(GET, report(said=None))
    page = (await browser.get(HERE)).text
    assert "Isi laporan ini tidak terbaca." in page
    assert f'action="{HERE}/tolak"' in page


async def test_after_a_fault_a_decision_is_sent_again_under_its_key(
    browser: httpx2.AsyncClient, waiting: Neighbours
) -> None:
    waiting.refuse(SETTLE, "unavailable", 503)
    form = {"_key": "key-of-the-refusal", "refusal": "elsewhere"}
    page = (await browser.post(f"{HERE}/tolak", data=form)).text
    assert 'value="key-of-the-refusal"' in page
    assert page_of(f"{HERE}/tolak") == page_of(f"{HERE}/sama") == HERE


async def test_registering_settles_the_report_once(
    browser: httpx2.AsyncClient, waiting: Neighbours
) -> None:
    waiting.answer(REGISTER, {"id": PERSON, "warnings": []}, 201)
    form = {
        "_key": "key-of-the-report", "laporan": REPORT, "kind": "person", "name": "Sumi Astuti",
        "area": VILLAGE, "categories": "LUT", "legal_basis": "public_task",
        "nik_absent_reason": "lost",
    }  # fmt: skip
    answer = await browser.post("/daftar", data=form)
    assert answer.headers["location"].startswith(f"/warga/{PERSON}")
    (call,) = waiting.of(REGISTER)
    assert call.headers["idempotency-key"] == "key-of-the-report"
    assert (call.body["name"], "laporan" in call.body) == ("Sumi Astuti", False)
    assert waiting.of("POST /registry/beneficiaries") == []


async def test_what_somebody_else_has_settled_meanwhile_is_said_on_the_form(
    browser: httpx2.AsyncClient, waiting: Neighbours
) -> None:
    waiting.refuse(REGISTER, "report-handled", 409, title="Laporan ini sudah diselesaikan")
    form = {
        "laporan": REPORT, "kind": "person", "name": "Sumi Astuti", "area": VILLAGE,
        "categories": "LUT", "legal_basis": "public_task", "nik_absent_reason": "lost",
    }  # fmt: skip
    answer = await browser.post("/daftar", data=form)
    assert answer.status_code == 409
    assert "Laporan ini sudah diselesaikan" in answer.text
    assert f'name="laporan" value="{REPORT}"' in answer.text


async def test_it_is_somebody_recorded_already(
    browser: httpx2.AsyncClient, waiting: Neighbours
) -> None:
    waiting.answer(SETTLE, {"id": REPORT, "state": "settled"})
    answer = await browser.post(f"{HERE}/sama", data={"beneficiary_id": PERSON})
    assert answer.headers["location"] == f"/warga/{PERSON}?selesai=laporan"
    assert waiting.of(SETTLE)[0].body == {"beneficiary_id": PERSON}
    assert "Laporan diselesaikan" in (await browser.get(answer.headers["location"])).text
    answer = await browser.post(f"{HERE}/sama", data={"beneficiary_id": "x"})
    assert answer.status_code == 404


async def test_without_a_reason_nothing_is_refused(
    browser: httpx2.AsyncClient, waiting: Neighbours
) -> None:
    waiting.answer(SETTLE, {"id": REPORT, "state": "refused"})
    answer = await browser.post(f"{HERE}/tolak", data={"refusal": ""})
    assert (answer.status_code, "Pilih alasannya." in answer.text) == (422, True)
    assert waiting.of(SETTLE) == []
    answer = await browser.post(f"{HERE}/tolak", data={"refusal": "elsewhere"})
    assert answer.headers["location"] == "/laporan?selesai=true"
    assert waiting.of(SETTLE)[0].body == {"refusal": "elsewhere"}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"state": "refused", "refusal": "not_found"}, "Tidak dicatat. Orangnya tidak ditemukan"),
        ({"state": "settled", "beneficiary_id": PERSON}, f"/warga/{PERSON}"),
    ],
)
async def test_a_settled_report_says_what_became_of_it(
    browser: httpx2.AsyncClient, neighbours: Neighbours, state: dict[str, str], words: str
) -> None:
    settled = {"said": None, "settled_at": "2026-11-21T03:00:00Z", "settled_by": ME, **state}
    neighbours.answer(GET, report(**settled))
    page = (await browser.get(HERE)).text
    assert words in page
    assert "Sumi Astuti" not in page
    answer = await browser.get(f"/daftar?laporan={REPORT}")
    assert answer.headers["location"] == HERE


async def test_a_notice_of_a_report_leads_to_the_list(browser: httpx2.AsyncClient) -> None:
    answer = await browser.post(f"/kabar/{uuid4()}/buka", data={"jenis": "report_received"})
    assert answer.headers["location"] == "/laporan"
