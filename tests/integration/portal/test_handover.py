"""Serah terima: what a worker has in hand goes to others, and what stays is said."""

from typing import Any

import httpx2
import pytest

from tests.integration.portal.answers.known import BUDI, REFERRAL, SARI
from tests.integration.portal.neighbours import Neighbours

ASK = "POST /cases/handover"
NOTHING = "Tidak ada yang perlu diserahkan."


def item(**changes: Any) -> dict[str, Any]:
    """What would become of one referral."""
    why = ["Bertugas di Kec. Candipuro, tepat di wilayah rujukan."]
    return {
        "referral_id": REFERRAL,
        "ok": True,
        "code": None,
        "title": None,
        "case_number": "RJ-35.08-2026-000123",
        "status": "accepted",
        "area": "35.08.03",
        "to_worker": SARI,
        "candidates": [{"worker_id": SARI, "absent": False, "open_load": 2, "reasons": why}],
        **changes,
    }


def moves(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    moved = sum(one["ok"] for one in items)
    counted = {"moved": moved, "failed": len(items) - moved, "left": 0, "as_sender": 0}
    return {"preview": True, **counted, **changes, "items": list(items)}


async def test_each_referral_says_to_whom_it_would_go_and_why(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(ASK, moves(item()))
    page = (await browser.get(f"/serah-terima/{BUDI}")).text
    for words in ("RJ-35.08-2026-000123", "Sari Wulandari (2 terbuka)", "tepat di wilayah"):
        assert words in page
    assert neighbours.of(ASK)[0].query == {"preview": "true"}


async def test_a_refused_item_cannot_be_ticked_and_says_why(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    refused = item(ok=False, to_worker=None, title="Belum ada petugas yang dapat menerima")
    neighbours.answer(ASK, moves(refused))
    page = (await browser.get(f"/serah-terima/{BUDI}")).text
    assert "Belum ada petugas yang dapat menerima" in page
    box = page.partition('type="checkbox"')[2].partition(">")[0]
    assert "disabled" in box
    assert "checked" not in box


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        ({"left": 3}, "3 rujukan lain tidak dapat diserahkan dari sini"),
        ({"as_sender": 2}, "2 rujukan menunggunya sebagai pengirim"),
    ],
)
async def test_what_stays_with_the_worker_is_never_called_nothing(
    browser: httpx2.AsyncClient, neighbours: Neighbours, counted: dict[str, int], words: str
) -> None:
    neighbours.answer(ASK, moves(**counted))
    page = (await browser.get(f"/serah-terima/{BUDI}")).text
    assert words in page
    assert NOTHING not in page


async def test_nothing_in_hand_is_said(browser: httpx2.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.answer(ASK, moves())
    assert NOTHING in (await browser.get(f"/serah-terima/{BUDI}")).text


async def test_what_was_ticked_is_moved_and_the_page_says_how_many(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(ASK, moves(item()))
    typed = {"referral_ids": REFERRAL, "reason": "Sakit.", "to_worker": SARI}
    answer = await browser.post(f"/serah-terima/{BUDI}", data=typed)
    assert answer.status_code == 303
    done = neighbours.of(ASK)[0]
    assert done.query == {"preview": "false"}
    assert done.body == {"from_worker": BUDI, **typed, "referral_ids": [REFERRAL]}
    assert "1 rujukan diserahkan" in (await browser.get(answer.headers["location"])).text


async def test_without_a_reason_nothing_is_moved(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(ASK, moves(item()))
    answer = await browser.post(f"/serah-terima/{BUDI}", data={"referral_ids": REFERRAL})
    assert answer.status_code == 422
    assert "Tulis alasan serah terima." in answer.text
    assert {call.query["preview"] for call in neighbours.of(ASK)} == {"true"}
