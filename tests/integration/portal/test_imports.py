"""Impor: what the pages of a list show, and what they ask of the registry."""

from typing import Any, Final

import httpx2
import pytest

from tests.integration.portal.answers.known import SENT
from tests.integration.portal.neighbours import Neighbours

HERE: Final = f"/warga/impor/{SENT}"
ONE: Final = f"GET /registry/imports/{SENT}"
STOP: Final = f"POST /registry/imports/{SENT}/stop"
LINES: Final = f"GET /registry/imports/{SENT}/lines"


def listed(status: str, **changes: Any) -> dict[str, Any]:
    """One list of 3,000 lines, a third of them gone through."""
    return {
        "id": SENT,
        "status": status,
        "at": "2026-01-15T08:00:00Z",
        "total": 3000,
        "position": 1000,
        "counts": {"created": 900, "matched": 40, "similar": 30, "refused": 20, "skipped": 10},
        "columns": [],
        "fields": {"name": "Nama"},
        "area": None,
        "category": None,
        "kind": "person",
        "legal_basis": "public_task",
        "accept_lookalikes": False,
        **changes,
    }


@pytest.mark.parametrize(
    ("status", "words"),
    [("checking", "Ya, hentikan pemeriksaan"), ("running", "Ya, hentikan impor")],
)
async def test_what_is_under_way_is_stopped_once_after_a_second_word(
    browser: httpx2.AsyncClient, neighbours: Neighbours, status: str, words: str
) -> None:
    neighbours.answer(ONE, listed(status))
    neighbours.answer(STOP, listed("stopped"))
    assert words in (await browser.get(HERE)).text
    answer = await browser.post(f"{HERE}/hentikan", data={"_key": "key-of-the-stop"})
    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    (call,) = neighbours.of(STOP)
    assert call.headers["idempotency-key"] == "key-of-the-stop"


async def test_a_stopped_import_says_what_was_not_read_and_offers_its_result_alone(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(ONE, listed("stopped"))
    neighbours.answer(LINES, {"items": []})
    page = (await browser.get(HERE)).text
    assert "Impor ini dihentikan." in page
    assert "2.000 baris terakhir tidak dibaca" in page
    assert f'href="{HERE}/hasil?bentuk=csv"' in page
    for form in ("hentikan", "mulai", "periksa"):
        assert f'action="{HERE}/{form}"' not in page


async def test_lines_that_would_be_taken_in_though_they_look_odd_are_shown_before(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    why = "Tanggal lahir di NIK berbeda dari isian."
    line = {"line": 7, "status": "created", "beneficiary_id": None, "why": why}
    neighbours.answer(ONE, listed("checked", position=3000))
    neighbours.answer(LINES, {"items": [line]})
    page = (await browser.get(HERE)).text
    assert "1 baris akan dicatat dengan catatan" in page
    assert why in page
    asked = [call.query for call in neighbours.of(LINES)]
    assert {"status": "created", "limit": "50", "noted": "true"} in asked


async def test_a_stop_that_came_too_late_is_told_beside_the_result(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    title = "Impor ini tidak sedang berjalan"
    neighbours.answer(ONE, listed("done", position=3000))
    neighbours.answer(LINES, {"items": []})
    neighbours.refuse(STOP, "import-not-under-way", 409, title=title)
    answer = await browser.post(f"{HERE}/hentikan")
    assert answer.status_code == 409
    assert title in answer.text
    assert "Hasil impor" in answer.text
    assert "tidak dibaca" not in answer.text


async def test_an_upload_into_an_outage_asks_for_the_file_again_under_the_same_key(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.is_down.add("registry")
    files = {"file": ("daftar.csv", b"Nama\nSiti\n", "text/csv")}
    answer = await browser.post("/warga/impor", data={"_key": "upload-0001"}, files=files)
    assert answer.status_code == 503
    assert "Pilih berkasnya lagi" in answer.text
    assert 'type="file"' in answer.text
    assert 'name="_key" value="upload-0001"' in answer.text
