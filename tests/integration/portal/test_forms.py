"""Daftar, Rujuk, Warga and Kabar."""

import re
import uuid
from datetime import datetime

import httpx2
import pytest

from services.portal.formats import WIB
from tests.integration.portal.answers.cases import plan
from tests.integration.portal.answers.known import (
    BUDI,
    NOTICE,
    PERSON,
    REFERRAL,
    SARI,
    SENT,
    VILLAGE,
)
from tests.integration.portal.answers.registry import person
from tests.integration.portal.neighbours import Neighbours

REGISTER = "POST /registry/beneficiaries"
SEND = "POST /cases/referrals"
SUMI = {
    "_key": "key-of-sumi",
    "kind": "person",
    "name": "Sumi Astuti",
    "sex": "F",
    "birth.age": "78",
    "nik": "3508 0341 0148 0001",
    "nik_absent_reason": "unknown",
    "area": VILLAGE,
    "address": "",
    "phone": "081200000001",
    "safe_contact": "ya",
    "categories": ["LUT", "FM"],
    "legal_basis": "consent",
    "consent.channel": "written",
}
NEED = {
    "_key": "key-of-need",
    "beneficiary_id": PERSON,
    "area": VILLAGE,
    "category": "LUT",
    "situation": "NEGLECT",
    "urgency": "",
    "need": "Dua hari belum makan",
    "legal_basis": "vital_interest",
    "has_family": "tidak",
    "target.pillar": "",
}


async def test_registering_sends_what_was_typed_once_and_offers_to_refer(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    answer = await browser.post("/daftar", data=SUMI)
    assert answer.status_code == 303
    sent = neighbours.of(REGISTER)[0]
    assert sent.headers["idempotency-key"] == "key-of-sumi"
    assert sent.body == {
        "kind": "person",
        "name": "Sumi Astuti",
        "sex": "F",
        "birth": {"age": 78},
        "nik": "3508034101480001",
        "area": VILLAGE,
        "phone": "081200000001",
        "safe_contact": True,
        "categories": ["LUT", "FM"],
        "legal_basis": "consent",
        "consent": {"text_version": "persetujuan-1", "channel": "written"},
    }
    page = (await browser.get(answer.headers["location"])).text
    assert "berhasil didaftarkan" in page
    assert f'href="/rujuk?warga={PERSON}"' in page


async def test_a_family_has_no_sex_no_birth_and_no_nik(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.post("/daftar", data={**SUMI, "kind": "family"})
    assert not {"sex", "birth", "nik", "nik_absent_reason"} & set(neighbours.of(REGISTER)[0].body)


async def test_a_warning_about_the_new_record_is_shown(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    finding = {"code": "age", "pointer": "/categories", "detail": "Umur di bawah 60 tahun."}
    neighbours.answer(REGISTER, {"id": PERSON, "warnings": [finding]}, status=201)
    answer = await browser.post("/daftar", data=SUMI)
    assert answer.status_code == 303
    for _ in ("once", "when going back"):
        assert "Umur di bawah 60 tahun." in (await browser.get(answer.headers["location"])).text
    assert "Umur di bawah" not in (await browser.get(f"/warga/{PERSON}")).text


async def test_a_possible_duplicate_is_shown_and_each_asks_whether_it_is_somebody_else(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    found = {"id": PERSON, "score": 1.0, "reasons": ["NIK sama persis", "nama sama"]}
    away = {"id": str(uuid.uuid4()), "score": 0.9, "reasons": ["sangat mirip"]}
    neighbours.refuse(REGISTER, "possible-duplicate", 409, candidates=[found, away])
    answer = await browser.post("/daftar", data=SUMI)
    assert answer.status_code == 409
    assert "NIK sama persis, nama sama" in answer.text
    assert f'href="/warga/{PERSON}"' in answer.text
    assert f'name="different_from" value="{PERSON}" hx-preserve required' in answer.text
    assert "Bukan orang yang sama" in answer.text
    assert "Tetap daftarkan meskipun mirip" in answer.text
    assert f'href="/warga/{away["id"]}"' not in answer.text
    assert 'value="3508 0341 0148 0001"' in answer.text
    decided = {**SUMI, "different_from": [PERSON, away["id"]]}
    again = await browser.post("/daftar", data=decided)
    assert f'name="different_from" value="{PERSON}" hx-preserve checked' in again.text
    neighbours.answer(REGISTER, {"id": PERSON, "warnings": []}, status=201)
    confirmed = await browser.post("/daftar", data=decided)
    assert confirmed.status_code == 303
    assert neighbours.of(REGISTER)[-1].body["different_from"] == [PERSON, away["id"]]


async def test_what_the_registry_refuses_is_said_at_the_field_and_nothing_is_lost(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    errors = [{"pointer": "/nik", "detail": "NIK harus 16 angka."}]
    neighbours.refuse(REGISTER, "invalid-nik", 422, errors=errors, title="NIK tidak sah")
    answer = await browser.post("/daftar", data=SUMI)
    assert answer.status_code == 422
    assert re.search(r'id="f-nik-salah"[^>]*>.*NIK harus 16 angka\.', answer.text)
    assert 'href="#f-nik"' in answer.text
    for kept in ('value="Sumi Astuti"', 'value="78"', "key-of-sumi", 'value="FM" checked',
                 f'<option value="{VILLAGE}" selected>'):  # fmt: skip
        assert kept in answer.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "Isi nama."),
        ({"area": ""}, "Pilih desa atau kelurahan."),
        ({"categories": []}, "Pilih paling sedikit satu kategori."),
        ({"legal_basis": ""}, "Pilih dasar pencatatan."),
        ({"nik": "", "nik_absent_reason": ""}, "Isi NIK, atau pilih alasan NIK kosong."),
        ({"birth.age": "tua"}, "Tulis dengan angka."),
        ({"birth.date": "kemarin"}, "Tanggal belum sesuai."),
        ({"birth.date": "1948-02-01", "birth.age": "20"}, "Tidak cocok dengan kelahiran."),
        ({"birth.date": "1948-02-01", "birth.year": "1958"}, "Tidak cocok dengan tanggal lahir."),
        ({"birth.year": "1900"}, "Tidak cocok dengan kelahiran."),
        ({"point": "-8.1977"}, "Tulis lintang dan bujur, dipisahkan koma."),
    ],
)
async def test_an_incomplete_form_is_refused_here_already(
    browser: httpx2.AsyncClient, neighbours: Neighbours, changed: dict[str, str], words: str
) -> None:
    answer = await browser.post("/daftar", data={**SUMI, **changed})
    assert answer.status_code == 422
    assert words in answer.text
    assert not neighbours.of(REGISTER)


@pytest.mark.parametrize(
    "written",
    ["-8.1977, 113.0531", "-8,1977, 113,0531", "-8,1977;113,0531", "\N{MINUS SIGN}8.1977 113.0531"],
)
async def test_a_point_is_read_as_people_and_telephones_write_it(
    browser: httpx2.AsyncClient, neighbours: Neighbours, written: str
) -> None:
    answer = await browser.post("/daftar", data={**SUMI, "point": written})
    assert answer.status_code == 303
    assert neighbours.of(REGISTER)[0].body["point"] == {
        "latitude": "-8.1977",
        "longitude": "113.0531",
    }


async def test_a_point_of_all_digits_on_the_equator_is_read_as_it_was_shown(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.post("/daftar", data={**SUMI, "point": "2e-05, 109.33333333333333"})
    assert neighbours.of(REGISTER)[0].body["point"] == {
        "latitude": "2e-05",
        "longitude": "109.33333333333333",
    }


async def test_of_age_year_and_day_that_agree_the_day_is_kept(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    born = datetime.now(WIB).year - 78
    said = {"birth.age": "78", "birth.year": f"{born}", "birth.date": f"{born}-02-01"}
    await browser.post("/daftar", data={**SUMI, **said})
    assert neighbours.of(REGISTER)[0].body["birth"] == {"date": f"{born}-02-01"}


async def test_a_silent_registry_keeps_the_form_and_its_key(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.get("/daftar")
    neighbours.is_down.add("registry")
    answer = await browser.post("/daftar", data=SUMI)
    assert answer.status_code == 503
    assert 'value="Sumi Astuti"' in answer.text
    assert 'value="key-of-sumi"' in answer.text


async def test_a_key_used_for_something_else_is_replaced_and_explained(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse(REGISTER, "idempotency-key-reused", 422)
    answer = await browser.post("/daftar", data=SUMI)
    assert "sudah diterima" in answer.text
    assert "key-of-sumi" not in answer.text


async def test_referring_shows_the_plan_before_anything_is_sent(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(
        "POST /cases/referrals/plan", plan(warnings=["Tidak ada yang bisa dihubungi."])
    )
    answer = await browser.post("/rujuk", data={**NEED, "_step": "rencana"}, follow_redirects=True)
    assert answer.status_code == 200
    for words in ("Akan sampai ke", "TKSK", "Budi Santoso", "Diberi tahu", "Sedang izin",
                  "Lanjut usia telantar ditangani TKSK kecamatan.", "Puskesmas",
                  "Tidak ada yang bisa dihubungi.", "Jangan dimediasi."):  # fmt: skip
        assert words in answer.text
    assert not neighbours.of(SEND)
    asked = neighbours.of("POST /cases/referrals/plan")[0].body
    assert asked == {
        "beneficiary_id": PERSON,
        "area": VILLAGE,
        "category": "LUT",
        "situation": "NEGLECT",
        "need": "Dua hari belum makan",
        "legal_basis": "vital_interest",
        "attributes": {"age": asked["attributes"]["age"], "has_family": False},
    }


async def test_confirming_sends_what_was_planned_once(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    planned = await browser.post("/rujuk", data={**NEED, "_step": "rencana"}, follow_redirects=True)
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', planned.text))
    sent = await browser.post("/rujuk", data={**carried, "_step": "kirim"})
    assert sent.status_code == 303
    assert sent.headers["location"] == f"/rujukan/{REFERRAL}?selesai=send"
    call = neighbours.of(SEND)[0]
    assert call.headers["idempotency-key"] == "key-of-need"
    assert call.body == neighbours.of("POST /cases/referrals/plan")[0].body


async def test_one_of_those_who_would_be_told_can_be_chosen_by_name(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = await browser.post("/rujuk", data={**NEED, "_step": "rencana"}, follow_redirects=True)
    picker = page.text.partition('name="target.worker_id"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(.+?)">([^<]+)<', picker) == [
        (BUDI, "Hanya Budi Santoso"),
        (SARI, "Hanya Sari Wulandari, sedang izin"),
    ]
    await browser.post("/rujuk", data={**NEED, "target.worker_id": BUDI, "_step": "kirim"})
    assert neighbours.of(SEND)[0].body["target"] == {"worker_id": BUDI}


async def test_changing_the_plan_brings_the_form_back_as_it_was(
    browser: httpx2.AsyncClient,
) -> None:
    answer = await browser.post("/rujuk", data={**NEED, "_step": "ubah"}, follow_redirects=True)
    assert "Dua hari belum makan</textarea>" in answer.text
    assert '<option value="NEGLECT" selected>' in answer.text


async def test_less_haste_than_the_rule_asks_for_a_reason(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer("POST /cases/referrals/plan", plan(lowers_urgency=True))
    hurried = {**NEED, "urgency": "low", "_step": "rencana"}
    answer = await browser.post("/rujuk", data=hurried, follow_redirects=True)
    assert re.search(r'<textarea id="f-urgency_reason"[^>]* required', answer.text)
    reason = {"urgency": "low", "urgency_reason": "Sudah ditemani", "_step": "kirim"}
    await browser.post("/rujuk", data={**NEED, **reason})
    assert neighbours.of(SEND)[0].body["urgency_reason"] == "Sudah ditemani"


async def test_who_consents_is_asked_where_the_guardian_may_be_the_suspect(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    planning = {**NEED, "_step": "rencana"}
    asked = ("attributes.guardian_is_suspect", "attributes.consent_by")
    plain = await browser.post("/rujuk", data=planning, follow_redirects=True)
    assert not any(name in plain.text for name in asked)
    neighbours.answer("POST /cases/referrals/plan", plan(asks_about_guardian=True))
    page = (await browser.post("/rujuk", data=planning, follow_redirects=True)).text
    assert all(page.count(f'<select id="f-{name.replace(".", "-")}"') == 1 for name in asked)
    said = dict(zip(asked, ("ya", "guardian"), strict=True))
    errors = [{"pointer": "/attributes/consent_by", "detail": "Wali tidak boleh dimintai."}]
    neighbours.refuse(SEND, "flag-not-kept", 422, errors=errors)
    refused = await browser.post("/rujuk", data={**NEED, **said, "_step": "kirim"})
    assert neighbours.of(SEND)[0].body["attributes"] | {"age": 0} == {
        "age": 0,
        "has_family": False,
        "guardian_is_suspect": True,
        "consent_by": "guardian",
    }
    assert '<option value="guardian" selected>' in refused.text
    assert re.search(r'id="f-attributes-consent_by-salah">.*Wali tidak boleh', refused.text)


async def test_a_refused_referral_keeps_what_was_typed(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    errors = [{"pointer": "/need", "detail": "Terlalu singkat."}]
    neighbours.refuse(SEND, "rule-violated", 422, errors=errors)
    answer = await browser.post("/rujuk", data={**NEED, "_step": "kirim"})
    assert answer.status_code == 422
    assert "Terlalu singkat." in answer.text
    assert "Dua hari belum makan</textarea>" in answer.text


async def test_a_lost_answer_to_sending_keeps_the_key(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(SEND, {}, status=503)
    answer = await browser.post("/rujuk", data={**NEED, "_step": "kirim"})
    assert answer.status_code == 503
    assert 'value="key-of-need"' in answer.text
    assert "tidak akan terkirim dua kali" in answer.text


async def test_somebody_with_several_duties_says_which_one_acts(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    _, traded = neighbours.answers["POST /directory/sessions/token"]
    second = {"pillar": "PSM", "area": VILLAGE, "role": "worker"}
    duties = [*traded["worker"]["duties"], second]
    worker = {**traded["worker"], "duties": duties}
    neighbours.answer("POST /directory/sessions/token", {**traded, "worker": worker})
    assert 'name="acting_as"' in (await browser.get(f"/rujuk?warga={PERSON}")).text
    chosen = {"acting_as": f"PSM|{VILLAGE}", "_step": "kirim"}
    await browser.post("/rujuk", data={**NEED, **chosen})
    assert neighbours.of(SEND)[0].body["acting_as"] == {"pillar": "PSM", "area": VILLAGE}


async def test_a_referral_within_a_case_that_is_there_says_so_and_is_sent_into_it(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get(f"/rujuk?warga={PERSON}&kasus={SENT}")).text
    assert f'name="case_id" value="{SENT}"' in page
    assert "Rujukan ini masuk ke" in page
    assert "Rujukan ini masuk ke" not in (await browser.get(f"/rujuk?warga={PERSON}")).text
    within = {**NEED, "case_id": SENT}
    shown = await browser.post("/rujuk", data={**within, "_step": "rencana"}, follow_redirects=True)
    assert f'name="case_id" value="{SENT}"' in shown.text
    await browser.post("/rujuk", data={**within, "_step": "kirim"})
    assert neighbours.of(SEND)[0].body["case_id"] == SENT
    errors = [{"pointer": "/case_id", "detail": "Kirim sebagai kasus baru."}]
    neighbours.refuse(SEND, "secrets-apart", 422, errors=errors)
    refused = await browser.post("/rujuk", data={**within, "_step": "kirim"})
    assert 'href="#f-case_id">Kirim sebagai kasus baru.' in refused.text
    assert 'id="f-case_id"' in refused.text


async def test_a_name_is_searched_without_standing_in_an_address(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    searches: tuple[tuple[str, dict[str, str]], ...] = (
        ("/warga", {}),
        ("/warga/bagian", {}),
        ("/rujuk", {"_step": "cari"}),
    )
    for path, step in searches:
        answer = await browser.post(path, data={"cari": "sumi", **step}, follow_redirects=True)
        assert "Sumi Astuti" in answer.text
        assert "sumi" not in str(answer.url)
    assert not neighbours.of("GET /registry/beneficiaries")
    asked = neighbours.of("POST /registry/beneficiaries/search")
    assert [(call.body["name"], call.query) for call in asked] == [("sumi", {})] * 3


async def test_people_are_found_by_area_and_category_with_a_name_or_without(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get("/warga")).text
    assert f'<option value="{VILLAGE}">' in page
    assert '<option value="LUT">' in page
    by = {"di": VILLAGE, "ppks": "LUT"}
    for said in ({}, {"cari": "sumi"}):
        found = await browser.post("/warga", data={**by, **said}, follow_redirects=True)
        assert "Sumi Astuti" in found.text
        assert f'<option value="{VILLAGE}" selected>' in found.text
    more = await browser.post("/warga/lagi", data={**by, "kursor": PERSON})
    assert "Sumi Astuti" in more.text
    asked = [call.body for call in neighbours.of("POST /registry/beneficiaries/search")]
    narrowed = {"area": VILLAGE, "category": "LUT", "limit": 25}
    assert asked == [narrowed, {**narrowed, "name": "sumi"}, {**narrowed, "cursor": PERSON}]
    assert "Ketik paling sedikit 2 huruf" in (await browser.post("/warga", data={})).text


async def test_a_nik_is_searched_only_when_asked_for_and_in_the_body(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    searched = "POST /registry/beneficiaries/search-nik"
    await browser.post("/warga/bagian", data={"cari": "3508034101480001"})
    assert not neighbours.of(searched)
    await browser.post("/warga", data={"cari": "3508 0341 0148 0001"}, follow_redirects=True)
    assert neighbours.of(searched)[0].body == {"nik": "3508034101480001"}
    assert not neighbours.of("POST /registry/beneficiaries/search")


async def test_the_number_of_a_case_leads_to_the_case(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    wanted = {"cari": " rj-35.08-2026-000123 "}
    asked = "GET /cases/cases/by-number/RJ-35.08-2026-000123"
    await browser.post("/warga/bagian", data=wanted)
    assert not neighbours.of(asked)
    neighbours.answer(asked, {"id": SENT, "number": "RJ-35.08-2026-000123"})
    found = await browser.post("/warga", data=wanted)
    assert (found.status_code, found.headers["location"]) == (303, f"/kasus/{SENT}")
    neighbours.refuse(asked, "not-found", 404)
    assert "Tidak ada kasus bernomor ini" in (await browser.post("/warga", data=wanted)).text


async def test_nobody_found_offers_to_register(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse("POST /registry/beneficiaries/search-nik", "not-found", 404)
    wanted = {"cari": "3508034101480001"}
    answer = await browser.post("/warga", data=wanted, follow_redirects=True)
    assert "Daftarkan warga baru" in answer.text


async def test_a_record_shows_what_a_visitor_needs_at_the_door(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", person(safe_contact=False))
    page = (await browser.get(f"/warga/{PERSON}")).text
    for words in ("RT 3 RW 1, sebelah musala", "belum tentu aman dihubungi", "kira-kira 78 tahun",
                  "3508********0001", "Lanjut Usia Telantar"):  # fmt: skip
        assert words in page


async def test_the_number_of_unread_notices_stands_in_the_navigation(
    browser: httpx2.AsyncClient,
) -> None:
    assert '<span class="count">3' in (await browser.get("/tugas")).text
    assert '<span class="count">3' in (await browser.get("/kabar/jumlah")).text


async def test_opening_a_notice_marks_it_read_and_leads_to_the_referral(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get("/kabar")).text
    assert "Rujukan baru RJ-35.08-2026-000123" in page
    answer = await browser.post(f"/kabar/{NOTICE}/buka", data={"rujukan": REFERRAL})
    assert answer.headers["location"] == f"/rujukan/{REFERRAL}"
    assert len(neighbours.of(f"POST /notifications/notices/{NOTICE}/read")) == 1


async def test_a_notice_still_leads_on_when_it_cannot_be_marked(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.get("/kabar")
    neighbours.is_down.add("notifications")
    answer = await browser.post(f"/kabar/{NOTICE}/buka", data={"rujukan": "//evil.test"})
    assert answer.headers["location"] == "/kabar"


async def test_all_notices_can_be_marked_at_once(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.post("/kabar/dibaca", data={"_key": "read-them-all"})
    marked = neighbours.of("POST /notifications/notices/read-all")
    assert [call.headers["idempotency-key"] for call in marked] == ["read-them-all"]


async def test_a_sender_out_of_reach_is_called_a_colleague(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer("POST /directory/workers/lookup", {"items": []})
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    assert "Petugas lain" in page
    assert SARI not in page
