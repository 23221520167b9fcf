"""Aturan rujukan: searching, changing, trying and publishing a rule, by plain forms."""

import re
from typing import Any

import httpx2
import pytest

from tests.integration.portal.answers.known import ME, REFERRAL
from tests.integration.portal.answers.rules import dry_run, rule
from tests.integration.portal.neighbours import Neighbours

FORM = {
    "wilayah": "35.08",
    "version": "1",
    "_key": "satu-terbitan",
    "pillar": "PSM",
    "urgency": "high",
    "confidentiality": "C1",
    "reply_minutes": "120",
    "act_hours": "48",
    "close_days": "7",
    "working": "jam",
    "supporting": ["TAGANA", "PSM"],
    "external_services": ["DINSOS_KABKOTA", "PUSKESMAS"],
    "flags": ["FAMILY_TRACING"],
    "rationale": "TKSK kewalahan.",
    "retired": "ya",
}
CHANGE = {"pillar": "PSM", "act_hours": 48, "rationale": "TKSK kewalahan."}


@pytest.fixture(autouse=True)
def dinsos(neighbours: Neighbours) -> None:
    """The visitor is an officer of Dinsos Lumajang."""
    duties = [{"pillar": "DINSOS", "area": "35.08", "role": "dinsos"}]
    me = {"id": ME, "name": "Rahmat Hidayat", "duties": duties}
    neighbours.answer(
        "POST /directory/sessions/token",
        {"access_token": "visitor", "expires_in": 60, "worker": me},
    )


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def tried(browser: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    answer = await browser.post("/aturan/R026", data={**FORM, "_step": "uji", **changes})
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def test_the_list_is_searched_by_category_situation_and_words(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    other = rule(id="R065", category="*", situation="*", rationale="")
    neighbours.answer("GET /cases/rules", {"items": [rule(area="35.08"), other], "next": None})
    page = (await browser.get("/aturan")).text
    assert "Tanpa tempat tinggal" in page
    assert "Keadaan lain yang belum diatur" in page
    assert "dibalas 2 jam, mulai 1 hari, selesai 7 hari" in page
    found = (
        await browser.get("/aturan?cari=gelandangan+tempat&kategori=GLD&keadaan=HOMELESS")
    ).text
    assert ("R026" in found, "R065" in found) == (True, False)
    (_, asked) = neighbours.of("GET /cases/rules")
    assert asked.query["category"] == "GLD"
    assert asked.query["situation"] == "HOMELESS"
    assert asked.query["area"] == "35.08"
    nothing = (await browser.get("/aturan?cari=tidakada")).text
    assert "Tidak ada aturan yang cocok" in nothing


async def test_a_change_is_tried_before_anything_is_published(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    answer = await tried(browser)
    assert answer.status_code == 200
    (call,) = neighbours.of("POST /cases/rules/dry-run")
    assert call.body["rules"] == [{"id": "R026", **CHANGE}]
    assert call.body["area"] == "35.08"
    said = text_of(answer.text)
    assert "340 dari 1.200 rujukan akan berjalan lain, 338 di antaranya ke pilar lain." in said
    assert "Pilar utama TKSK menjadi PSM" in said
    assert "Mulai ditangani dalam 1 hari menjadi 2 hari" in said
    assert "Alasan TKSK kewalahan." in said
    assert "PSM 700 1.038 +338" in said
    assert "TKSK 500 162 -338" in said
    assert "Terbitkan untuk" in said
    assert f'href="/rujukan/{REFERRAL}"' in answer.text
    assert "Layanan khusus" in said
    widths = [float(one) for one in re.findall(r'<rect [^>]*width="([0-9.]+)%"', answer.text)]
    assert len(widths) == 4
    assert widths[1] == max(widths) <= 82
    assert widths[2] / widths[1] == pytest.approx(500 / 1038, abs=0.001)
    assert neighbours.of("PUT /cases/rules/R026") == []


async def test_publishing_sends_only_what_changed_with_the_version_that_was_seen(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    answer = await browser.post("/aturan/R026", data={**FORM, "_step": "terbitkan"})
    assert answer.status_code == 303
    (call,) = neighbours.of("PUT /cases/rules/R026")
    assert call.body == {**CHANGE, "area": "35.08"}
    assert (call.headers["if-match"], call.headers["idempotency-key"]) == ("1", "satu-terbitan")
    done = (await browser.get(answer.headers["location"])).text
    assert "Aturan diterbitkan" in done


async def test_a_rule_somebody_else_changed_meanwhile_is_not_overwritten(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer("GET /cases/rules/R026", rule(version=2, area="35.08"))
    neighbours.refuse("PUT /cases/rules/R026", "version-conflict", 409, title="Sudah diubah")
    answer = await browser.post("/aturan/R026", data={**FORM, "_step": "terbitkan"})
    assert answer.status_code == 409
    assert "Sudah diubah" in answer.text
    assert 'name="version" value="2"' in answer.text
    assert 'value="48"' in answer.text
    (call,) = neighbours.of("PUT /cases/rules/R026")
    assert call.headers["if-match"] == "1"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pillar": "TKSK", "act_hours": "24"}, "Belum ada yang diubah."),
        ({"act_hours": "segera"}, "Isi dengan angka."),
    ],
)
async def test_a_form_that_changes_nothing_or_cannot_be_read_goes_no_further(
    browser: httpx2.AsyncClient, neighbours: Neighbours, changes: dict[str, str], words: str
) -> None:
    answer = await browser.post("/aturan/R026", data={**FORM, "_step": "uji", **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert neighbours.of("POST /cases/rules/dry-run") == []


async def test_what_the_service_refuses_stands_at_its_field(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse(
        "POST /cases/rules/dry-run", "unfit-rule", 422, title="Isian aturan belum sesuai",
        errors=[{"pointer": "/rules/0/act_hours", "detail": "Batas mulai lebih singkat."}],
    )  # fmt: skip
    page = await tried(browser)
    assert page.status_code == 422
    assert 'id="f-act_hours-salah"' in page.text
    assert "Batas mulai lebih singkat." in page.text


async def test_going_back_to_the_form_keeps_what_was_filled_in(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    answer = await browser.post("/aturan/R026", data={**FORM, "_step": "ubah"})
    assert answer.status_code == 303
    page = (await browser.get(answer.headers["location"])).text
    assert 'value="48"' in page
    assert '<option value="PSM" selected' in page
    stale = await browser.get(f"/aturan/R026/uji/{REFERRAL}/ubah")
    assert "sudah tidak tersimpan" in stale.text


async def test_a_period_without_referrals_says_so(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    empty = dry_run(examined=0, differing=0, elsewhere=0, pillars=[], items=[])
    neighbours.answer("POST /cases/rules/dry-run", empty)
    page = await tried(browser)
    assert "Tidak ada rujukan dalam 90 hari terakhir" in page.text
    assert "Terbitkan untuk" in page.text


async def test_only_dinsos_gets_the_form(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    assert "Uji coba dahulu" in (await browser.get("/aturan/R026")).text
    neighbours.refuse("GET /cases/rules", "forbidden", 403)
    assert (await browser.get("/aturan")).status_code == 403


async def test_a_trial_tells_what_else_would_change_for_a_referral(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    found = dry_run()
    (one, *_) = found["items"]
    one["before"] |= {"supporting": ["PSM"], "external_services": [], "flags": []}
    one["after"] |= {"supporting": [], "external_services": ["PUSKESMAS"],
                     "flags": ["FAMILY_TRACING"]}  # fmt: skip
    neighbours.answer("POST /cases/rules/dry-run", found)
    page = (await tried(browser)).text
    for words in ("Pilar pendamping: PSM", "Layanan luar: Tidak ada", "Puskesmas",
                  "Telusuri keluarganya."):  # fmt: skip
        assert words in page
