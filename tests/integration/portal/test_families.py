"""Anggota keluarga and Kategori: what the pages show, and what they send."""

import re

import httpx2
import pytest

from tests.integration.portal.answers.known import ME, OTHER, PERSON, SARI, VILLAGE
from tests.integration.portal.answers.registry import person
from tests.integration.portal.neighbours import Neighbours

MEMBERS = f"/registry/beneficiaries/{PERSON}/members"
CATEGORIES = f"/registry/beneficiaries/{PERSON}/categories"
SON = "0190b000-0000-7000-8000-000000000002"
PERIOD = {
    "code": "LUT",
    "since": "2024-02-29",
    "given_at": "2024-03-01T02:00:00Z",
    "given_by": ME,
    "evidence": "Kunjungan rumah",
    "verified_at": None,
    "verified_by": None,
    "until": None,
    "ended_at": None,
    "ended_by": None,
    "end_reason": None,
}
MEMBER = {
    "id": SON,
    "name": "Bagus Prasetyo",
    "area_label": "Sumberwuluh",
    "sex": "M",
    "birth_year": 2015,
    "relation": "child",
    "joined_on": "2020-01-31",
    "left_on": None,
}


@pytest.fixture
def family(neighbours: Neighbours) -> Neighbours:
    """The record everybody asks for is a family with one child."""
    whole = person(kind="family", name="Keluarga Aminah", kk="3508********0007", sex=None)
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", whole)
    neighbours.answer(f"GET {MEMBERS}", {"items": [MEMBER]})
    return neighbours


async def test_a_family_shows_its_members_and_a_person_their_families(
    browser: httpx2.AsyncClient, neighbours: Neighbours, family: Neighbours
) -> None:
    page = (await browser.get(f"/warga/{PERSON}")).text
    assert f'<a href="/warga/{SON}">Bagus Prasetyo</a><small>Anak, lahir 2015' in page
    assert "3508********0007" in page
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", person())
    neighbours.answer(
        f"GET /registry/beneficiaries/{PERSON}/families",
        {"items": [{**MEMBER, "name": "Keluarga Aminah"}]},
    )
    page = (await browser.get(f"/warga/{PERSON}")).text
    assert "Anggota Keluarga Aminah" in page


async def test_a_member_is_searched_for_without_the_name_in_the_address_and_added_once(
    browser: httpx2.AsyncClient, family: Neighbours
) -> None:
    family.answer(f"POST {MEMBERS}", {"warnings": [{"code": "x", "detail": "Aneh."}]}, 201)
    found = {"id": SARI, "name": "Sari Dewi", "kind": "person", "area": VILLAGE}
    home = {"id": PERSON, "name": "Keluarga Lain", "kind": "family", "area": VILLAGE}
    family.answer(
        "POST /registry/beneficiaries/search", {"items": [found, home, MEMBER], "next": None}
    )
    answer = await browser.post(f"/keluarga/{PERSON}/cari", data={"cari": "Sari"})
    assert answer.status_code == 303
    assert re.fullmatch(rf"/keluarga/{PERSON}/cari/[0-9a-f-]{{36}}", answer.headers["location"])
    page = (await browser.get(answer.headers["location"])).text
    assert f'name="person_id" value="{SARI}" checked' in page
    assert f'name="person_id" value="{SON}"' not in page, "a member already"
    said = {"_key": "key-of-sari", "person_id": SARI, "relation": "wife", "joined_on": ""}
    answer = await browser.post(f"/keluarga/{PERSON}/anggota", data=said)
    assert answer.headers["location"] == f"/warga/{PERSON}?tersimpan=true"
    sent = family.of(f"POST {MEMBERS}")[0]
    assert sent.body == {"person_id": SARI, "relation": "wife"}
    assert sent.headers["idempotency-key"] == "key-of-sari"
    page = (await browser.get(answer.headers["location"])).text
    assert "Tersimpan." in page
    assert "Aneh." in page


async def test_what_is_missing_or_refused_is_said_and_nothing_typed_is_lost(
    browser: httpx2.AsyncClient, family: Neighbours
) -> None:
    answer = await browser.post(f"/keluarga/{PERSON}/anggota", data={"joined_on": "kemarin"})
    assert answer.status_code == 422
    assert "Pilih orangnya." in answer.text
    assert "Tanggal belum sesuai." in answer.text
    family.refuse(f"POST {MEMBERS}", "has-head", 409, title="Sudah ada kepala keluarga")
    said = {"cari": "Siti", "person_id": PERSON, "relation": "head"}
    answer = await browser.post(f"/keluarga/{PERSON}/anggota", data=said)
    assert (answer.status_code, "Sudah ada kepala keluarga" in answer.text) == (409, True)
    answer = await browser.post(f"/keluarga/{PERSON}/cari", data={"cari": "S"})
    assert answer.status_code == 422


async def test_leaving_and_a_new_card_are_sent_under_the_forms_own_key(
    browser: httpx2.AsyncClient, family: Neighbours
) -> None:
    family.answer(f"DELETE {MEMBERS}/{SON}", {"items": []})
    key = {"_key": "key-of-leaving"}
    answer = await browser.post(f"/keluarga/{PERSON}/anggota/{SON}/keluar", data=key)
    assert answer.status_code == 303
    assert family.of(f"DELETE {MEMBERS}/{SON}")[0].headers["idempotency-key"] == "key-of-leaving"
    card = f"/registry/beneficiaries/{PERSON}/family-card"
    family.answer(f"PUT {card}", {"warnings": []})
    await browser.post(f"/keluarga/{PERSON}/kk", data={"kk": "3508 0312 0312 0007"})
    assert family.of(f"PUT {card}")[0].body == {"kk": "3508031203120007"}
    await browser.post(f"/keluarga/{PERSON}/kk", data={"kk": ""})
    assert family.of(f"PUT {card}")[1].body == {"kk": None}
    family.refuse(f"PUT {card}", "invalid-kk", 422, errors=[{"pointer": "/kk", "detail": "Salah"}])
    answer = await browser.post(f"/keluarga/{PERSON}/kk", data={"kk": "1"})
    assert (answer.status_code, "Salah" in answer.text) == (422, True)


async def test_the_history_says_who_vouches_since_when_and_why_it_ended(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    ended = {
        **PERIOD, "code": "GLD", "verified_at": "2024-04-01T02:00:00Z", "verified_by": ME,
        "until": "2025-06-30", "ended_at": "2025-07-01T02:00:00Z", "end_reason": "no_longer",
    }  # fmt: skip
    neighbours.answer(f"GET {CATEGORIES}", {"items": [PERIOD, ended]})
    page = (await browser.get(f"/warga/{PERSON}")).text
    assert "sejak 29 Februari 2024, dicatat Anda" in page
    assert "Bukti: Kunjungan rumah" in page
    assert "sampai 30 Juni 2025: Tidak lagi memenuhi kriteria" in page
    assert "Diverifikasi Anda, 1 April 2024" in page
    page = (await browser.get(f"/warga/{PERSON}/kategori")).text
    assert "/kategori/LUT/akhiri" in page
    assert "/kategori/GLD/akhiri" not in page
    assert '<option value="LUT"' not in page
    assert '<option value="GLD"' in page


@pytest.mark.parametrize(
    ("path", "said", "call", "body"),
    [
        (
            "",
            {"code": "PD", "evidence": "Surat dokter", "since": "2024-02-29"},
            "",
            {"code": "PD", "evidence": "Surat dokter", "since": "2024-02-29"},
        ),
        ("/LUT/verifikasi", {"evidence": ""}, "/LUT/verify", {}),
        ("/LUT/akhiri", {"reason": "died", "until": ""}, "/LUT/end", {"reason": "died"}),
    ],
)
async def test_a_category_is_given_verified_and_ended(
    *,
    browser: httpx2.AsyncClient,
    neighbours: Neighbours,
    path: str,
    said: dict[str, str],
    call: str,
    body: dict[str, str],
) -> None:
    neighbours.answer(f"GET {CATEGORIES}", {"items": [PERIOD]})
    neighbours.answer(f"POST {CATEGORIES}{call}", {"warnings": []})
    answer = await browser.post(f"/warga/{PERSON}/kategori{path}", data=said)
    assert answer.headers["location"] == f"/warga/{PERSON}?tersimpan=true"
    assert neighbours.of(f"POST {CATEGORIES}{call}")[0].body == body
    neighbours.refuse(f"POST {CATEGORIES}{call}", "category-held", 409, title="Tidak bisa")
    answer = await browser.post(f"/warga/{PERSON}/kategori{path}", data=said)
    assert (answer.status_code, "Tidak bisa" in answer.text) == (409, True)


async def test_a_category_that_takes_the_record_out_of_sight_is_said_to_be_recorded(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(f"POST {CATEGORIES}", {"warnings": []})
    answer = await browser.post(f"/warga/{PERSON}/kategori", data={"code": "KTK"})
    name = (await browser.get(f"/warga/{PERSON}")).text.split("<h1>")[1].split("</h1>")[0]
    neighbours.refuse(f"GET /registry/beneficiaries/{PERSON}", "not-found", 404)
    page = await browser.get(answer.headers["location"])
    assert page.status_code == 200
    assert "Kategori dicatat" in page.text
    assert "kini hanya dapat dilihat" in page.text
    assert name not in page.text
    # What somebody did not just give is as hidden as ever, and so is what became of other forms.
    for address in (f"/warga/{PERSON}", f"/warga/{OTHER}?tersimpan=true"):
        neighbours.refuse(f"GET /registry/beneficiaries/{OTHER}", "not-found", 404)
        assert (await browser.get(address)).status_code == 404
    neighbours.answer(f"POST {CATEGORIES}/LUT/verify", {"warnings": []})
    answer = await browser.post(f"/warga/{PERSON}/kategori/LUT/verifikasi", data={})
    assert (await browser.get(answer.headers["location"])).status_code == 404


async def test_an_unknown_verb_or_category_is_nothing(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    for path in ("LUT/hapus", "NOPE/akhiri", "..%2F..%2Fx/akhiri"):
        answer = await browser.post(f"/warga/{PERSON}/kategori/{path}", data={"reason": "died"})
        assert answer.status_code == 404, path
    assert not [
        one for one in neighbours.calls if one.method == "POST" and "/categories" in one.path
    ]


async def test_a_hidden_person_is_named_nowhere_and_the_page_says_why(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    hidden = person(name="Warga (dirahasiakan)", masked=True, address=None, phone=None, nik=None)
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", hidden)
    page = (await browser.get(f"/warga/{PERSON}")).text
    assert "Identitas dirahasiakan." in page


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ({"kind": "family", "kk": "3508 0312 0312 0007"}, {"kk": "3508031203120007"}),
        ({"kind": "group", "size": "12", "kk": "1"}, {"size": 12}),
        (
            {"kind": "person", "aliases": "Mbah Sumi, , Sum", "disabilities": ["physical"],
             "nik_absent_reason": "lost"},
            {"aliases": ["Mbah Sumi", "Sum"], "disabilities": ["physical"]},
        ),
        (
            {"kind": "community", "point": "-8.1977, 113.0531"},
            {"point": {"latitude": "-8.1977", "longitude": "113.0531"}},
        ),
    ],
)  # fmt: skip
async def test_the_form_sends_what_fits_the_kind(
    browser: httpx2.AsyncClient,
    neighbours: Neighbours,
    said: dict[str, object],
    sent: dict[str, object],
) -> None:
    whole = {
        "name": "Sumi", "area": VILLAGE, "categories": ["LUT"], "legal_basis": "public_task", **said
    }  # fmt: skip
    answer = await browser.post("/daftar", data=whole)
    assert answer.status_code == 303, answer.text
    body = neighbours.of("POST /registry/beneficiaries")[0].body
    further = {"kk", "size", "aliases", "disabilities", "point"}
    assert {name: value for name, value in body.items() if name in further} == sent


@pytest.mark.parametrize(
    "wrong", [{"point": "dekat pasar"}, {"point": "-8.1"}, {"kind": "group", "size": "banyak"}]
)
async def test_a_number_that_cannot_be_read_is_not_sent(
    browser: httpx2.AsyncClient, neighbours: Neighbours, wrong: dict[str, str]
) -> None:
    whole = {
        "kind": "community", "name": "Sumi", "area": VILLAGE, "categories": ["KAT"],
        "legal_basis": "public_task", **wrong,
    }  # fmt: skip
    answer = await browser.post("/daftar", data=whole)
    assert answer.status_code == 422
    assert not neighbours.of("POST /registry/beneficiaries")
