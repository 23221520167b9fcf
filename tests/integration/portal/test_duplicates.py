"""Data ganda: what the pages show, and what they ask of the registry."""

import httpx2
import pytest

from tests.integration.portal.answers.known import OTHER, PERSON
from tests.integration.portal.answers.registry import person
from tests.integration.portal.neighbours import Neighbours

DIFFERENT = f"POST /registry/beneficiaries/{PERSON}/different"
MERGE = f"POST /registry/beneficiaries/{OTHER}/merge"
UNMERGE = f"POST /registry/beneficiaries/{OTHER}/unmerge"
ALIKE = f"GET /registry/beneficiaries/{PERSON}/lookalikes"
MERGED = {"id": OTHER, "at": "2026-01-15T08:00:00Z", "name": "St. Astuti", "area": None}


async def test_a_pair_is_told_apart_once_however_often_it_is_sent(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(DIFFERENT, {"one": PERSON, "other": OTHER})
    form = {"other": OTHER, "_key": "key-of-the-pair"}
    answer = await browser.post(f"/warga/{PERSON}/beda", data=form)
    assert answer.status_code == 303
    assert "bukan orang yang sama" in (await browser.get(answer.headers["location"])).text
    (call,) = neighbours.of(DIFFERENT)
    assert call.body == {"other": OTHER}
    assert call.headers["idempotency-key"] == "key-of-the-pair"


async def test_the_other_record_goes_on_as_this_one(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(MERGE, person())
    answer = await browser.post(f"/warga/{PERSON}/gabung/{OTHER}", data={})
    assert (answer.status_code, neighbours.of(MERGE)[0].body) == (303, {"into": PERSON})
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", person(merged_from=[MERGED]))
    page = (await browser.get(answer.headers["location"])).text
    for words in ("Kedua data sudah digabung.", "Digabung dari", "St. Astuti"):
        assert words in page


async def test_what_only_the_other_record_has_is_told_before_it_is_merged(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    other = {**person(categories=["LUT", "FM"], phone="0812 0000 0009"), "id": OTHER}
    neighbours.answer(f"GET /registry/beneficiaries/{OTHER}", other)
    place = f"/warga/{PERSON}/gabung/{OTHER}"
    page = (await browser.get(place)).text
    assert "Kategori yang hanya ada di kanan tidak ikut: Fakir Miskin." in page
    assert "Nomor telepon hanya ada di kanan" not in page
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", person(phone=None))
    assert "Nomor telepon hanya ada di kanan" in (await browser.get(place)).text


async def test_a_merge_is_taken_back(browser: httpx2.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.answer(UNMERGE, {**person(), "id": OTHER})
    answer = await browser.post(f"/warga/{PERSON}/pisah", data={"merged": OTHER})
    assert answer.status_code == 303
    assert len(neighbours.of(UNMERGE)) == 1
    assert "dipisahkan lagi" in (await browser.get(answer.headers["location"])).text


@pytest.mark.parametrize(
    ("call", "path", "form"),
    [
        (MERGE, f"/warga/{PERSON}/gabung/{OTHER}", {}),
        (DIFFERENT, f"/warga/{PERSON}/beda", {"other": OTHER}),
    ],
)
async def test_a_refusal_is_shown_on_the_page_it_came_from(
    browser: httpx2.AsyncClient, neighbours: Neighbours, call: str, path: str, form: dict[str, str]
) -> None:
    neighbours.refuse(call, "already-merged", 409, title="Data ini sudah digabung ke data lain")
    answer = await browser.post(path, data=form)
    assert answer.status_code == 409
    assert "Data ini sudah digabung ke data lain" in answer.text


@pytest.mark.parametrize("path", ["beda", "pisah"])
async def test_what_is_no_id_does_not_exist(browser: httpx2.AsyncClient, path: str) -> None:
    answer = await browser.post(f"/warga/{PERSON}/{path}", data={"other": "x", "merged": "x"})
    assert answer.status_code == 404


async def test_the_address_of_a_merged_record_leads_to_the_one_that_remains(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(f"GET /registry/beneficiaries/{OTHER}", person())
    answer = await browser.get(f"/warga/{OTHER}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/warga/{PERSON}")


async def test_a_look_alike_out_of_sight_can_neither_be_compared_nor_told_apart(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    away = "0190b000-0000-7000-8000-000000000077"
    found = {"id": away, "score": 0.8, "reasons": ["sangat mirip"]}
    neighbours.answer(ALIKE, {"items": [found]})
    page = (await browser.get(f"/warga/{PERSON}/ganda")).text
    assert "Nama terbatas" in page
    assert away not in page


async def test_look_alikes_are_shown_while_the_form_is_filled_in(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    asked = "POST /registry/beneficiaries/lookalikes"
    neighbours.answer(
        asked, {"items": [{"id": PERSON, "score": 0.9, "reasons": ["tahun lahir sama"]}]}
    )
    form = {"kind": "person", "name": "Sumi", "area": "35.08.03.2005", "birth.year": "1948",
            "nik": "3508.0341 0148-0001"}  # fmt: skip
    part = await browser.post("/daftar/serupa", data=form)
    assert "tahun lahir sama" in part.text
    assert "Bukan orang yang sama" in part.text
    assert "checked" not in part.text
    (call,) = neighbours.of(asked)
    assert call.body == {"kind": "person", "name": "Sumi", "area": "35.08.03.2005",
                         "birth": {"year": 1948}, "nik": "3508034101480001"}  # fmt: skip
    part = await browser.post("/daftar/serupa", data={**form, "different_from": PERSON})
    assert f'value="{PERSON}" hx-preserve checked' in part.text
    neighbours.is_down.add("registry")
    assert (await browser.post("/daftar/serupa", data=form)).text.strip() == ""
    await browser.post("/daftar/serupa", data={**form, "area": ""})
    assert len(neighbours.of(asked)) == 3


async def test_a_refusal_to_part_a_merge_is_told_on_a_page_of_the_person(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    call = f"POST /registry/beneficiaries/{OTHER}/unmerge"
    neighbours.refuse(call, "cannot-merge", 409, title="Data ini tidak dapat dipisahkan")
    answer = await browser.post(f"/warga/{PERSON}/pisah", data={"merged": OTHER})
    assert answer.status_code == 409
    assert "Data ini tidak dapat dipisahkan" in answer.text
    assert f'href="/warga/{PERSON}"' in answer.text


async def test_of_a_masked_person_no_look_alikes_are_promised(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", person(masked=True))
    neighbours.answer(ALIKE, {"items": []})
    page = (await browser.get(f"/warga/{PERSON}/ganda")).text
    assert "Tidak ada data lain yang mirip" not in page
    assert "hanya ditampilkan kepada petugas yang mengetahui namanya" in page
