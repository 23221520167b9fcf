"""Izin: a worker announces days of absence and names who stands in."""

import re

import httpx2
import pytest

from tests.integration.portal.answers.directory import colleague
from tests.integration.portal.answers.known import BUDI, ME
from tests.integration.portal.neighbours import Neighbours

ANNOUNCE = f"POST /directory/workers/{ME}/absence"
TYPED = {"from": "2026-12-01", "to": "2026-12-05", "stand_in_id": BUDI, "_key": "key-of-absence"}


async def test_the_profile_leads_to_the_form_and_it_offers_colleagues_at_work(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    away = {**colleague("0190a000-0000-7000-8000-000000000010", "Zaenal")}
    away["absent_until"] = "2026-12-24"
    listed = [colleague(ME, "Rahmat Hidayat"), away, colleague(BUDI, "Budi Santoso")]
    neighbours.answer("GET /directory/workers", {"items": listed, "next": None})
    assert f'href="/izin/{ME}"' in (await browser.get("/profil")).text
    page = (await browser.get(f"/izin/{ME}")).text
    picker = page.partition('name="stand_in_id"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(.+?)">([^<]+)<', picker) == [(BUDI, "Budi Santoso")]
    asked = neighbours.of("GET /directory/workers")[0].query
    assert (asked["pillar"], asked["area"]) == ("TKSK", "35.08")


async def test_an_absence_is_announced_once_with_its_stand_in(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    answer = await browser.post(f"/izin/{ME}", data=TYPED)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/izin/{ME}?tersimpan=1")
    (call,) = neighbours.of(ANNOUNCE)
    assert call.headers["idempotency-key"] == "key-of-absence"
    assert call.body == {"from": "2026-12-01", "to": "2026-12-05", "stand_in_id": BUDI}
    assert "Tersimpan." in (await browser.get(answer.headers["location"])).text


async def test_nobody_need_stand_in(browser: httpx2.AsyncClient, neighbours: Neighbours) -> None:
    await browser.post(f"/izin/{ME}", data={**TYPED, "stand_in_id": ""})
    assert neighbours.of(ANNOUNCE)[0].body == {"from": "2026-12-01", "to": "2026-12-05"}


@pytest.mark.parametrize("missing", ["from", "to"])
async def test_a_day_left_out_is_asked_for(
    browser: httpx2.AsyncClient, neighbours: Neighbours, missing: str
) -> None:
    answer = await browser.post(f"/izin/{ME}", data={**TYPED, missing: ""})
    assert answer.status_code == 422
    assert f'id="f-{missing}-salah"' in answer.text
    assert not neighbours.of(ANNOUNCE)


async def test_an_unfit_stand_in_is_said_at_the_field_and_what_was_typed_stays(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    errors = [{"pointer": "/stand_in_id", "detail": "Pengganti tidak dapat."}]
    neighbours.refuse(ANNOUNCE, "unfit-stand-in", 422, errors=errors)
    answer = await browser.post(f"/izin/{ME}", data=TYPED)
    assert answer.status_code == 422
    assert re.search(r'id="f-stand_in_id-salah">.*Pengganti tidak dapat', answer.text)
    assert f'<option value="{BUDI}" selected>' in answer.text
    assert 'value="2026-12-05"' in answer.text


async def test_while_directory_is_away_nothing_typed_is_lost_nor_sent_twice(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(ANNOUNCE, {}, status=503)
    answer = await browser.post(f"/izin/{ME}", data=TYPED)
    assert answer.status_code == 503
    assert 'value="key-of-absence"' in answer.text
    assert "tidak akan tercatat dua kali" in answer.text


async def test_somebody_out_of_scope_has_no_such_page(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get(f"/izin/{BUDI}")).status_code == 404
