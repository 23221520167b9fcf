"""Perbaikan: every field that registering asks for can be said anew, and nothing typed is lost."""

import re
from html import unescape
from typing import Any

import httpx2
import pytest

from tests.integration.portal.answers.known import PERSON
from tests.integration.portal.answers.registry import person
from tests.integration.portal.neighbours import Neighbours

HERE = f"/warga/{PERSON}/perbaiki"
CHANGE = f"PATCH /registry/beneficiaries/{PERSON}"
RENUMBER = f"PUT /registry/beneficiaries/{PERSON}/nik"
NIK = "3508035203540001"
OTHER = "0190b000-0000-7000-8000-000000000077"


@pytest.fixture
def known(neighbours: Neighbours) -> dict[str, Any]:
    """A person of whom everything is known."""
    whole: dict[str, Any] = person(
        version=4,
        nik="3508********0009",
        nik_absent_reason=None,
        aliases=["Bu Min"],
        disabilities=["sensory"],
        point={"latitude": -8.1977, "longitude": 113.0531},
    )
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", whole)
    return whole


async def as_shown(browser: httpx2.AsyncClient) -> dict[str, Any]:
    """What the form would send as it comes."""
    return fields((await browser.get(HERE)).text)


def fields(page: str) -> dict[str, Any]:
    """The values of the form on a page."""
    form = page[page.index(f'action="{HERE}"') :]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        is_marked = attributes.get("type") in {"radio", "checkbox"}
        if "name" in attributes and (not is_marked or " checked" in tag):
            found.setdefault(attributes["name"], []).append(unescape(attributes.get("value", "")))
    for name, options in re.findall(
        r'<select[^>]* name="(\w+)".*?>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.findall(r'value="([^"]*)" selected', options)
        found[name] = chosen or [""]
    return found


async def test_a_form_sent_as_it_came_changes_nothing(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any]
) -> None:
    form = await as_shown(browser)
    assert form["aliases"] == ["Bu Min"]
    assert form["disabilities"] == ["sensory"]
    assert form["point"] == ["-8.1977, 113.0531"]
    assert form["area"] == [known["area"]]
    assert form["nik"] == [""]
    answer = await browser.post(HERE, data=form)
    assert answer.headers["location"] == f"/warga/{PERSON}?diperbaiki=true"
    assert (neighbours.of(CHANGE), neighbours.of(RENUMBER)) == ([], [])


async def test_every_field_of_the_registration_can_be_said_anew(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any]
) -> None:
    odd = [{"code": "nik-sex", "detail": "Angka NIK menunjuk jenis kelamin lain."}]
    neighbours.answer(RENUMBER, {**known, "version": 5, "warnings": odd})
    form = await as_shown(browser) | {
        "nik": "3508 0352 0354 0001",
        "area": "35.08.03.2006",
        "aliases": "Bu Min, Mbah Siti",
        "disabilities": ["physical", "sensory"],
        "point": "-8.2, 113.1",
    }
    answer = await browser.post(HERE, data=form)
    assert answer.status_code == 303, answer.text
    (renumbered,) = neighbours.of(RENUMBER)
    (changed,) = neighbours.of(CHANGE)
    assert (renumbered.body, renumbered.headers["if-match"]) == ({"nik": NIK}, '"4"')
    assert changed.headers["if-match"] == '"5"'
    assert changed.body == {
        "area": "35.08.03.2006",
        "aliases": ["Bu Min", "Mbah Siti"],
        "disabilities": ["physical", "sensory"],
        "point": {"latitude": "-8.2", "longitude": "113.1"},
    }
    assert renumbered.headers["idempotency-key"] != changed.headers["idempotency-key"]
    page = (await browser.get(answer.headers["location"])).text
    assert "Angka NIK menunjuk jenis kelamin lain." in page


async def test_what_few_records_say_can_be_emptied(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any]
) -> None:
    form = await as_shown(browser) | {"aliases": "", "disabilities": [], "point": ""}
    await browser.post(HERE, data=form)
    (changed,) = neighbours.of(CHANGE)
    assert changed.body == {"aliases": [], "disabilities": [], "point": None}


async def test_why_there_is_no_nik_is_said_anew(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any]
) -> None:
    form = await as_shown(browser) | {"nik_absent_reason": "refused"}
    await browser.post(HERE, data=form)
    assert neighbours.of(RENUMBER)[0].body == {"nik_absent_reason": "refused"}


async def test_somebody_with_the_nik_is_shown_before_anything_changes(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any]
) -> None:
    found = {"id": OTHER, "score": 1.0, "reasons": ["NIK sama persis"]}
    neighbours.refuse(RENUMBER, "possible-duplicate", 409, candidates=[found])
    form = await as_shown(browser) | {"nik": NIK, "address": "Dusun Baru", "aliases": "Bu Sum"}
    answer = await browser.post(HERE, data=form)
    assert answer.status_code == 409
    assert "NIK ini sudah tercatat" in answer.text
    assert "NIK sama persis" in answer.text
    assert neighbours.of(CHANGE) == []
    again = fields(answer.text)
    for name in ("nik", "address", "aliases"):
        assert again[name] == [form[name]], name
    neighbours.answer(RENUMBER, {**known, "version": 5})
    await browser.post(HERE, data=again | {"different_from": OTHER})
    assert neighbours.of(RENUMBER)[-1].body == {"nik": NIK, "different_from": [OTHER]}
    assert neighbours.of(CHANGE)[0].body == {"address": "Dusun Baru", "aliases": ["Bu Sum"]}


async def test_a_refusal_behind_the_stored_nik_keeps_the_rest_and_sends_only_that_again(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any]
) -> None:
    neighbours.answer(RENUMBER, {**known, "version": 5})
    neighbours.refuse(CHANGE, "rule-violated", 422, title="Isian belum sesuai")
    form = await as_shown(browser) | {"nik": NIK, "phone": "0812"}
    answer = await browser.post(HERE, data=form)
    assert answer.status_code == 422
    assert "NIK sudah tersimpan. Isian belum sesuai" in answer.text
    again = fields(answer.text)
    assert (again["version"], again["nik"], again["phone"]) == (["5"], [""], ["0812"])
    neighbours.answer(CHANGE, {**known, "version": 6})
    assert (await browser.post(HERE, data=again)).status_code == 303
    assert len(neighbours.of(RENUMBER)) == 1
    assert neighbours.of(CHANGE)[-1].headers["if-match"] == '"5"'


@pytest.mark.parametrize(
    ("said", "words"),
    [({"point": "di sana"}, "Tulis lintang dan bujur"), ({"birth.year": "²"}, "Isi dengan angka")],
)
async def test_what_cannot_be_read_is_asked_again_with_everything_typed(
    *,
    browser: httpx2.AsyncClient,
    neighbours: Neighbours,
    known: dict[str, Any],
    said: dict[str, str],
    words: str,
) -> None:
    form = await as_shown(browser) | said | {"nik": NIK}
    answer = await browser.post(HERE, data=form)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert fields(answer.text)["nik"] == [NIK]
    assert neighbours.of(RENUMBER) == []


async def test_an_outage_keeps_what_was_typed(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any]
) -> None:
    form = await as_shown(browser) | {"nik": NIK}
    neighbours.is_down.add("registry")
    answer = await browser.post(HERE, data=form)
    assert answer.status_code == 503
    assert NIK in answer.text


async def test_the_village_of_a_record_elsewhere_can_be_kept(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any]
) -> None:
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", {**known, "area": "35.09.01.2001"})
    form = await as_shown(browser)
    assert form["area"] == ["35.09.01.2001"]
    await browser.post(HERE, data=form)
    assert neighbours.of(CHANGE) == []


@pytest.mark.parametrize("version", ["x", "²", "-1", "9" * 30])
async def test_a_version_that_is_none_is_refused_with_everything_typed(
    browser: httpx2.AsyncClient, neighbours: Neighbours, known: dict[str, Any], version: str
) -> None:
    form = await as_shown(browser) | {"version": version, "address": "Dusun Baru"}
    answer = await browser.post(HERE, data=form)
    assert answer.status_code == 422
    assert fields(answer.text)["address"] == ["Dusun Baru"]
    assert neighbours.of(CHANGE) == []
