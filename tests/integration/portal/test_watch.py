"""Pantau, Beban kerja and Tugaskan: what a coordinator sees, narrows, saves and gives away."""

import re
from typing import Any

import httpx2
import pytest
from starlette.responses import Response

from tests.integration.portal.answers.cases import work
from tests.integration.portal.answers.known import BUDI, REFERRAL, SARI, in_hours
from tests.integration.portal.neighbours import Neighbours
from tests.integration.portal.test_handover import item, moves

OPEN = "GET /cases/referrals/open"
BOARD = "GET /cases/board"
GAPS = "GET /cases/board/gaps"
ASSIGN = "POST /cases/assignments"


def line(key: str | None, count: int = 3) -> dict[str, Any]:
    return {"key": key, "open": count, "overdue": 1, "escalated": 0, "reply": None}


@pytest.fixture
def watched(neighbours: Neighbours) -> Neighbours:
    """Cases with something to watch over."""
    keys = {"status": "sent", "urgency": "high", "pillar": "TKSK", "area": "35.08.03",
            "age": "over_30_days"}  # fmt: skip

    def board(_body: Any) -> dict[str, Any]:
        by = neighbours.of(BOARD)[-1].query["by"]
        return {"area": None, "by": by, "at": in_hours(0), "total": line(None),
                "items": [line(keys[by])]}  # fmt: skip

    neighbours.answers[BOARD] = (200, board)
    gap = {"pillar": "TAGANA", "area": "35.08.04", "open": 2, "oldest_sent_at": in_hours(-30)}
    neighbours.answer(GAPS, {"gaps": [gap] * 12, "idle_cases": []})
    neighbours.answer(OPEN, {"items": [work(overdue=True)], "next": None})
    return neighbours


@pytest.mark.parametrize(
    ("by", "narrowed", "asked"),
    [
        ("status", "status=sent", {"status": "sent"}),
        ("urgency", "urgensi=high", {"urgency": "high"}),
        ("pillar", "pilar=TKSK", {"pillar": "TKSK"}),
        ("area", "wilayah=35.08.03", {"area": "35.08.03"}),
    ],
)
async def test_each_number_of_the_board_leads_to_its_referrals(
    browser: httpx2.AsyncClient, watched: Neighbours, by: str, narrowed: str, asked: dict[str, str]
) -> None:
    page = (await browser.get(f"/pantau?menurut={by}")).text
    row = page.partition('<th scope="row">')[2].partition("</th>")[0]
    (address,) = re.findall(r'href="([^"]+)"', row)
    assert narrowed in address
    await browser.get(address.replace("&amp;", "&"))
    assert asked.items() <= watched.of(OPEN)[-1].query.items()


async def test_the_board_by_age_is_a_tab_with_words(
    browser: httpx2.AsyncClient, watched: Neighbours
) -> None:
    page = (await browser.get("/pantau?menurut=age")).text
    assert watched.of(BOARD)[0].query["by"] == "age"
    assert re.search(r'aria-current="page">Umur<', page)


async def test_every_gap_is_shown_and_leads_to_what_waits_there(
    browser: httpx2.AsyncClient, watched: Neighbours
) -> None:
    page = (await browser.get("/pantau")).text
    links = re.findall(r'<a href="([^"]+)"><strong>Tagana belum ada di', page)
    assert len(links) == 12
    assert all("wilayah=35.08.04" in one and "pilar=TAGANA" in one for one in links)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_board_can_be_saved_as_it_is_shown(
    browser: httpx2.AsyncClient, watched: Neighbours, kind: str
) -> None:
    disposition = {"Content-Disposition": f'attachment; filename="papan.{kind}"'}
    file = Response(b"isi", media_type="text/csv", headers=disposition)
    watched.answer("GET /cases/board/export", file)
    page = (await browser.get("/pantau?menurut=age&wilayah=35.08")).text
    (address,) = re.findall(rf'href="(/pantau/papan[^"]+bentuk={kind})"', page)
    saved = await browser.get(address.replace("&amp;", "&"))
    assert (saved.content, saved.headers["content-disposition"]) == (
        b"isi",
        disposition["Content-Disposition"],
    )
    asked = watched.of("GET /cases/board/export")[0].query
    assert asked == {"by": "age", "area": "35.08", "format": kind}


async def test_the_worklist_is_narrowed_by_deadline_and_pillar(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get("/tugas?tenggat=lewat&pilar=TKSK")).text
    asked = neighbours.of("GET /cases/worklist")[0].query
    assert (asked["due"], asked["pillar"]) == ("overdue", "TKSK")
    assert '<option value="lewat" selected>' in page
    assert '<option value="TKSK" selected>' in page
    await browser.get("/tugas")
    assert not {"due", "pillar"} & neighbours.of("GET /cases/worklist")[1].query.keys()


async def test_the_workload_leads_to_hand_over_and_absence(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    load = {"worker_id": BUDI, "pillar": "TKSK", "area": "35.08.03", "open": 2, "held": 1,
            "waiting": 1, "overdue": 1, "escalated": 0}  # fmt: skip
    neighbours.answer("GET /cases/workload", {"items": [load], "next": None})
    page = (await browser.get("/beban")).text
    for words in ("Budi Santoso", "2 terbuka: 1 ditangani, 1 menunggu", "1 lewat tenggat",
                  f'href="/serah-terima/{BUDI}"', f'href="/izin/{BUDI}"'):  # fmt: skip
        assert words in page


async def test_what_waits_is_given_to_many_and_a_refused_item_stays_with_its_reason(
    browser: httpx2.AsyncClient, watched: Neighbours
) -> None:
    refused = item(ok=False, to_worker=None, title="Sudah diambil petugas lain")
    watched.answer(ASSIGN, moves(item(), refused))
    page = (await browser.get("/tugaskan")).text
    assert "Sudah diambil petugas lain" in page
    assert page.count("disabled") == 1
    typed = {"referral_ids": REFERRAL, "to_worker": SARI}
    given = await browser.post("/tugaskan", data=typed)
    assert given.status_code == 303
    assert watched.of(ASSIGN)[-1].body == {"referral_ids": [REFERRAL], "to_worker": SARI}
    said = (await browser.get(given.headers["location"])).text
    assert "1 rujukan ditugaskan, 1 tidak dapat" in said
