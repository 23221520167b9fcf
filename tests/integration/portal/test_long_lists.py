"""Lists longer than one answer: nothing is left out, with scripts and without."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import httpx2
import pytest

from tests.integration.portal.answers.cases import work
from tests.integration.portal.answers.known import BUDI, ME, NOTICE, PERSON
from tests.integration.portal.answers.registry import person
from tests.integration.portal.neighbours import Neighbours

FIRST, REST = "first-cursor", "rest=cursor"
WORKLIST, SENT = "GET /cases/worklist", "GET /cases/referrals"
NOTICES, PEOPLE = "GET /notifications/notices", "POST /registry/beneficiaries/search"


def numbered(number: int) -> str:
    return f"0190c000-0000-7000-8000-{number:012}"


def a_notice(number: int) -> dict[str, Any]:
    return {
        "id": numbered(number),
        "title": f"Rujukan baru {number}",
        "at": "2026-03-01T01:00:00Z",
        "read_at": None,
    }


def a_person(number: int) -> dict[str, Any]:
    return person(id=numbered(number), name=f"Warga {number}")


def pages(
    neighbours: Neighbours, call: str, *answers: list[dict[str, Any]]
) -> Callable[[], list[str | None]]:
    """Answer this call page after page, by cursor; returns what cursors were asked for."""
    cursors = [None, FIRST, REST]
    by_cursor = {
        cursor: {"items": items, "next": cursors[n + 1] if n + 1 < len(answers) else None}
        for n, (cursor, items) in enumerate(zip(cursors, answers, strict=False))
    }
    asked: list[str | None] = []

    def answer(_body: Any) -> dict[str, Any]:
        last = neighbours.of(call)[-1]
        asked.append((last.body or last.query).get("cursor"))
        return by_cursor[asked[-1]]

    neighbours.answers[call] = (200, answer)
    return lambda: asked


def link(page: str, attribute: str) -> str:
    """Where "Muat lagi" leads."""
    (found,) = re.findall(rf'<li class="more"><a[^>]* {attribute}="([^"]+)"', page)
    return unescape(found)


Row = Callable[[int], dict[str, Any]]
LISTS: list[tuple[str, str, Row, str]] = [
    ("/tugas", WORKLIST, lambda n: work(numbered(n)), r'href="/rujukan/([0-9a-f-]+)"'),
    ("/terkirim", SENT, lambda n: work(numbered(n)), r'href="/rujukan/([0-9a-f-]+)"'),
    ("/kabar", NOTICES, a_notice, r'action="/kabar/([0-9a-f-]+)/buka"'),
]


@pytest.mark.parametrize(("path", "call", "row", "shown"), LISTS)
async def test_more_of_a_list_is_a_link_and_a_part_to_put_below(
    browser: httpx2.AsyncClient,
    neighbours: Neighbours,
    path: str,
    call: str,
    row: Row,
    shown: str,
) -> None:
    first, rest = [row(n) for n in range(50)], [row(n) for n in range(50, 53)]
    asked = pages(neighbours, call, first, rest)
    page = (await browser.get(path)).text
    assert len(set(re.findall(shown, page))) == 50
    expected = {numbered(n) for n in (50, 51, 52)}
    for attribute in ("href", "hx-get"):
        answer = await browser.get(link(page, attribute))
        assert set(re.findall(shown, answer.text)) == expected
        assert "Muat lagi" not in answer.text
        assert ("<html" in answer.text) is (attribute == "href")
    assert asked() == [None, FIRST, FIRST]
    assert "Kembali ke awal daftar" in (await browser.get(link(page, "href"))).text


async def test_the_filter_travels_with_the_cursor(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    pages(neighbours, WORKLIST, [work(status="returned") for _ in range(50)], [])
    page = (await browser.get("/tugas?milik=tersedia&status=returned")).text
    for attribute in ("href", "hx-get"):
        address = link(page, attribute)
        assert "milik=tersedia" in address
        assert "status=returned" in address
        await browser.get(address)
        assert neighbours.of(WORKLIST)[-1].query["status"] == "returned"


async def test_what_few_rows_fit_is_looked_for_on_the_next_pages_too(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    of_others = [work(numbered(n), holder_id=BUDI) for n in range(50)]
    mine = work(numbered(99), status="accepted", holder_id=ME)
    pages(neighbours, WORKLIST, of_others, of_others, [mine])
    page = (await browser.get("/tugas?milik=saya")).text
    assert re.findall(r'href="/rujukan/([0-9a-f-]+)"', page) == [numbered(99)]
    assert "Muat lagi" not in page


@pytest.mark.parametrize(("path", "call", "row", "shown"), LISTS)
async def test_a_refresh_brings_again_what_the_page_had_loaded(
    browser: httpx2.AsyncClient,
    neighbours: Neighbours,
    path: str,
    call: str,
    row: Row,
    shown: str,
) -> None:
    pages(neighbours, call, [row(n) for n in range(50)], [row(n) for n in range(50, 100)], [row(7)])
    one_batch = (await browser.get(f"{path}/bagian?tampil=3")).text
    assert len(set(re.findall(shown, one_batch))) == 50
    two_batches = (await browser.get(f"{path}/bagian?tampil=100")).text
    assert len(set(re.findall(shown, two_batches))) == 100
    assert "Muat lagi" in two_batches
    assert (await browser.get(f"{path}/bagian?tampil=100000")).status_code == 404


async def test_a_page_of_the_middle_refreshes_as_such(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    for path, call, row, _ in LISTS:
        pages(neighbours, call, [], [row(1)])
        page = (await browser.get(f"{path}?kursor={FIRST}")).text
        (refresh,) = re.findall(rf'hx-get="({path}/bagian[^"]*)"', page)
        await browser.get(unescape(refresh))
        assert neighbours.of(call)[-1].query["cursor"] == FIRST


async def test_an_end_reached_by_a_cursor_is_said_to_be_one(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    for path, call, _, _ in LISTS:
        pages(neighbours, call, [], [])
        assert "Tidak ada lagi." in (await browser.get(f"{path}?kursor={FIRST}")).text


async def test_more_people_are_found_without_their_name_in_an_address(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    pages(neighbours, PEOPLE, [a_person(n) for n in range(25)], [a_person(30)])
    for path, step in (("/warga", {}), ("/rujuk", {"_step": "cari"})):
        page = await browser.post(path, data={"cari": "warga", **step}, follow_redirects=True)
        assert page.text.count('href="/rujuk?warga=') == 25
        form = page.text.partition('<li class="more">')[2]
        assert form.lstrip().startswith(f'<form method="post" action="{path}"')
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
        assert fields == {"cari": "warga", "kursor": FIRST, **step}
        rest = await browser.post(path, data=fields, follow_redirects=True)
        part = await browser.post("/warga/lagi", data=fields)
        for answer in (rest, part):
            assert re.findall(r'href="/rujuk\?warga=([^"]+)"', answer.text) == [numbered(30)]
            assert "warga" not in answer.url.query.decode()
            assert FIRST not in str(answer.url)


async def test_names_of_a_long_list_are_asked_for_a_hundred_at_a_time(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    rows = [work(numbered(n), beneficiary_id=numbered(1000 + n)) for n in range(120)]
    rows[119]["beneficiary_id"] = PERSON
    pages(neighbours, WORKLIST, rows[:100], rows[100:])
    page = (await browser.get("/tugas/bagian?tampil=120")).text
    asked = [call.body["ids"] for call in neighbours.of("POST /registry/beneficiaries/lookup")]
    assert sorted(map(len, asked)) == [20, 100]
    assert {one for ids in asked for one in ids} == {row["beneficiary_id"] for row in rows}
    assert "Sumi Astuti" in page


async def test_opening_a_notice_from_the_middle_works_as_from_the_top(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    pages(neighbours, NOTICES, [a_notice(1)], [{**a_notice(2), "id": NOTICE}])
    part = (await browser.get(f"/kabar/lagi?kursor={FIRST}")).text
    assert f'action="/kabar/{NOTICE}/buka"' in part
