"""Data protection on the pages: grounds, requests, the file, the trail, and the officer's list."""

import json
import re
import threading
from typing import Any
from urllib.parse import unquote

import httpx2
import pytest

from services.portal.clients.protection import Trace
from services.portal.protection_words import did
from tests.fixtures.printed import words_of
from tests.integration.portal.answers.known import PERSON, SARI, SENT, VILLAGE, in_hours
from tests.integration.portal.answers.protection import chain, personal_file, protection, trace
from tests.integration.portal.answers.registry import person
from tests.integration.portal.neighbours import Neighbours

HERE = f"/warga/{PERSON}/pelindungan"


async def test_a_consent_is_withdrawn_with_its_own_key_and_the_page_says_until_when(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get(HERE)).text
    assert "Tarik persetujuan" in page
    form = {"_key": "a-key-of-the-form"}
    answer = await browser.post(f"{HERE}/tarik/{SENT}", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}?tersimpan=true")
    (call,) = neighbours.of(f"POST /registry/beneficiaries/{PERSON}/legal-bases/{SENT}/withdraw")
    assert call.headers["idempotency-key"] == "a-key-of-the-form"
    (grounds,) = protection()["grounds"]
    stops = {"withdrawn_at": grounds["at"], "stops_at": "2026-11-30T07:00:00Z"}
    withdrawn = protection(grounds=[{**grounds, **stops}])
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}/protection", withdrawn)
    page = (await browser.get(HERE)).text
    assert "Berhenti paling lambat" in page
    assert "Tarik persetujuan" not in page


async def test_grounds_say_who_agreed_and_whether_the_guardian_may_be_asked(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    form = {
        "purpose": "service",
        "basis": "consent",
        "consent.text_version": "2026-1",
        "consent.channel": "written",
        "guardian": "Bu Wagini",
        "guardian_is_suspect": "1",
    }
    await browser.post(f"{HERE}/dasar", data=form)
    (call,) = neighbours.of(f"POST /registry/beneficiaries/{PERSON}/legal-bases")
    assert call.body == {
        "purpose": "service",
        "basis": "consent",
        "consent": {"text_version": "2026-1", "channel": "written"},
        "guardian": "Bu Wagini",
        "guardian_is_suspect": True,
    }
    form = {"purpose": "service", "basis": "vital_interest", "guardian": "Bu Wagini"}
    await browser.post(f"{HERE}/dasar", data=form)
    assert neighbours.of(f"POST /registry/beneficiaries/{PERSON}/legal-bases")[1].body == {
        "purpose": "service",
        "basis": "vital_interest",
    }


@pytest.mark.parametrize("path", ["dasar", "minta"])
async def test_a_form_with_nothing_chosen_comes_back_open_and_sends_nothing(
    browser: httpx2.AsyncClient, neighbours: Neighbours, path: str
) -> None:
    answer = await browser.post(f"{HERE}/{path}", data={})
    assert answer.status_code == 422
    assert '<details class="verb" open>' in answer.text
    assert not [call for call in neighbours.calls if call.method == "POST" and PERSON in call.path]


async def test_a_refusal_of_the_service_is_shown_where_it_was_sent_from(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse(
        f"POST /registry/beneficiaries/{PERSON}/legal-bases/{SENT}/withdraw",
        "nothing-to-withdraw",
        409,
        title="Persetujuan ini tidak ada atau sudah ditarik",
    )
    answer = await browser.post(f"{HERE}/tarik/{SENT}", data={})
    assert answer.status_code == 409
    assert "sudah ditarik" in answer.text


@pytest.mark.parametrize("ending", ["json", "pdf"])
async def test_the_file_is_a_download_whose_name_and_address_tell_nobody(
    browser: httpx2.AsyncClient, ending: str
) -> None:
    answer = await browser.get(f"/warga/{PERSON}/berkas.{ending}?untuk=person")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="berkas-data-pribadi.{ending}"'
    )
    assert answer.headers["cache-control"] == "private, no-store"
    assert "Siti" not in unquote(str(answer.url))
    if ending == "json":
        assert json.loads(answer.content)["records"][0]["nik"] == "3508035203540001"
    else:
        assert answer.content.startswith(b"%PDF")
        assert b"Siti" not in answer.content.split(b"stream")[0]


async def test_everything_in_the_file_stands_on_the_pages_of_its_pdf(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    whole = personal_file()
    whole["records"][0] |= {
        "kk": "3508031203120007", "aliases": ["Mak Ti", "Bu Carik"], "disabilities": ["sensory"],
        "phone": "0812-3456-7890", "address": "Dusun Kajang (utara)\\RT 3",
    }  # fmt: skip
    whole["categories"] = [
        {"code": "LUT", "given_at": "2024-02-29T02:00:00Z", "ended_at": "2025-06-30T02:00:00Z",
         "evidence": f"Bukti ke-{number}", "given_by": SARI} for number in range(60)
    ]  # fmt: skip
    whole["families"] = [
        {
            "family_id": SENT,
            "relation": "wife",
            "joined_on": "1975-08-17",
            "left_on": None,
            "added_at": in_hours(-900),
            "added_by": SARI,
        }
    ]
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}/file", whole)
    answer = await browser.get(f"/warga/{PERSON}/berkas.pdf?untuk=person")
    words = words_of(answer.content)
    for told in (
        "Nama Siti Aminah", "Jenis kelamin Perempuan", "Lahir 12 Maret 1954",
        "NIK 3508035203540001", "No. KK 3508031203120007", "Nama lain Mak Ti, Bu Carik",
        "Alamat Dusun Kajang (utara)\\RT 3", "Telepon 0812-3456-7890",
        "Lanjut Usia Telantar", "Bukti ke-0", "30 Juni 2025", "Bukti ke-59",
        "Istri", "17 Agustus 1975", "Halaman 1", "Halaman 2",
    ):  # fmt: skip
        assert told in words, told


async def test_the_pdf_is_printed_while_others_are_served(
    browser: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def printed(*_: object) -> bytes:
        threads.append(threading.current_thread())
        return b"%PDF"

    monkeypatch.setattr("services.portal.personal_files.personal_file", printed)
    answer = await browser.get(f"/warga/{PERSON}/berkas.pdf?untuk=person")
    assert answer.content == b"%PDF"
    assert threads
    assert threading.current_thread() not in threads


async def test_a_file_for_nobody_in_particular_is_refused(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get(f"/warga/{PERSON}/berkas.json?untuk=siapa-saja")
    assert answer.status_code == 404


async def test_of_special_services_no_guardian_can_be_chosen(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    me = neighbours.answers["POST /directory/sessions/token"][1]
    officer = {"pillar": "DINSOS", "area": "35.08", "role": "data_protection"}
    neighbours.answer(
        "POST /directory/sessions/token",
        {**me, "worker": {**me["worker"], "duties": [officer]}},
    )
    assert 'value="guardian"' in (await browser.get(HERE)).text
    secret = protection(confidentiality="C3")
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}/protection", secret)
    page = (await browser.get(HERE)).text
    assert 'value="guardian"' not in page
    assert "hanya diserahkan kepada yang bersangkutan sendiri" in page


async def test_the_trail_says_in_words_who_did_what(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    items = [
        trace(),
        trace(action="beneficiary.changed", detail="name,phone"),
        trace(actor_kind="service", action="beneficiary.shared", detail="cases"),
        trace(actor_kind="service", action="protection.restricted"),
    ]
    neighbours.answer("GET /registry/audit", {"items": items, "next": 4})
    page = (await browser.get(f"/warga/{PERSON}/jejak")).text
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Sari Wulandari membuka data lengkap" in words
    assert "mengubah: nama, telepon" in words
    assert "Sinergi (layanan cases) membaca wilayah" in words
    assert "Sinergi (otomatis) membatasi data" in words
    assert f'href="/warga/{PERSON}/jejak?kursor=4"' in page
    asked = neighbours.of("GET /registry/audit")[0].query
    assert asked["subject"] == PERSON


def test_an_action_of_a_newer_service_is_told_with_its_code() -> None:
    words = did(Trace.model_validate(trace(action="beneficiary.sung")))
    assert words == "melakukan tindakan lain (beneficiary.sung)"


async def test_a_correction_sends_what_differs_and_the_version_it_began_from(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", person(version=4))
    page = (await browser.get(f"/warga/{PERSON}/perbaiki")).text
    assert 'name="version" value="4"' in page
    form: dict[str, Any] = {
        "version": "4",
        "name": "Siti Aminah Rahayu",
        "sex": "F",
        "address": "",
        "phone": "0812 0000 0001",
        "safe_contact": "tidak",
        "birth.year": "1954",
    }
    answer = await browser.post(f"/warga/{PERSON}/perbaiki", data=form)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/warga/{PERSON}?diperbaiki=true"
    (call,) = neighbours.of(f"PATCH /registry/beneficiaries/{PERSON}")
    assert call.headers["if-match"] == '"4"'
    assert call.body["name"] == "Siti Aminah Rahayu"
    assert call.body["address"] is None
    assert call.body["safe_contact"] is False
    assert "phone" not in call.body


async def test_the_officer_answers_reports_and_checks(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get("/pelindungan")).text
    assert "Akses data" in page
    assert "Paling lambat" in page
    form = {"kind": "access", "decision": "safety", "answer": "Membahayakan."}
    answer = await browser.post(f"/pelindungan/jawab/{SENT}", data=form)
    assert answer.headers["location"] == "/pelindungan?tersimpan=true"
    said = {"refusal": "safety", "answer": "Membahayakan."}
    assert neighbours.of(f"POST /registry/requests/{SENT}/handle")[0].body == said
    breach = {"area": VILLAGE, "words": "Gawai hilang."}
    await browser.post("/pelindungan/kegagalan", data=breach)
    assert neighbours.of("POST /registry/requests/breaches")[0].body == breach
    whole = await browser.post("/pelindungan/jejak", data={})
    assert "Jejak utuh: 1.200 baris diperiksa." in whole.text
    neighbours.answer("GET /registry/audit/chain", chain(is_whole=False))
    part = await browser.post("/pelindungan/jejak", data={})
    assert 'name="after" value="1200"' in part.text
    neighbours.answer("GET /registry/audit/chain", chain(broken_at=981, position=980))
    broken = await browser.post("/pelindungan/jejak", data={"after": "1200"})
    assert "baris 981 diubah atau hilang" in broken.text
    assert neighbours.of("GET /registry/audit/chain")[-1].query == {"after": "1200"}


async def test_whose_data_is_restricted_is_referred_on_new_grounds_alone(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    since = "2026-01-15T08:00:00Z"
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", person(restricted_at=since))
    page = (await browser.get(f"/warga/{PERSON}")).text
    assert "Rujuk sekarang" not in page
    assert "Rujukan memerlukan dasar yang baru." in page
    shown = await browser.get(f"/rujuk?warga={PERSON}")
    sent = await browser.post("/rujuk", data={"beneficiary_id": PERSON, "_step": "kirim"})
    for answer in (shown, sent):
        assert (answer.status_code, answer.headers["location"]) == (303, f"/warga/{PERSON}")
    assert neighbours.of("POST /cases/referrals") == []


async def test_nothing_is_erased_by_a_slip(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    handled, place = f"POST /registry/requests/{SENT}/handle", f"/pelindungan/jawab/{SENT}"
    undecided = await browser.post(place, data={"kind": "erasure"})
    unsure = await browser.post(place, data={"kind": "erasure", "decision": "done"})
    assert "Pilih keputusannya." in undecided.text
    assert (undecided.status_code, unsure.status_code) == (422, 422)
    assert neighbours.of(handled) == []
    sure = {"kind": "erasure", "decision": "done", "sure": "ya"}
    assert (await browser.post(place, data=sure)).status_code == 303
    assert (await browser.post(place, data={"kind": "erasure", "decision": "safety"})).is_redirect
    assert [call.body for call in neighbours.of(handled)] == [{}, {"refusal": "safety"}]


async def test_a_notice_of_a_request_leads_to_the_officers_page(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    (notice,) = neighbours.answers["GET /notifications/notices"][1]["items"]
    due = {
        **notice,
        "kind": "request_due",
        "referral_id": None,
        "case_number": None,
        "title": "Permintaan pelindungan data segera jatuh tempo",
    }
    neighbours.answer("GET /notifications/notices", {"items": [due], "next": None})
    page = (await browser.get("/kabar")).text
    assert 'name="jenis" value="request_due"' in page
    answer = await browser.post(f"/kabar/{due['id']}/buka", data={"jenis": "request_due"})
    assert answer.headers["location"] == "/pelindungan"


async def test_when_registry_is_away_the_form_comes_back_with_its_words(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse(f"POST /registry/beneficiaries/{PERSON}/requests", "unavailable", 503)
    form = {"kind": "access", "words": "Minta salinan lengkap."}
    answer = await browser.post(f"{HERE}/minta", data=form)
    assert answer.status_code == 503
    assert "Minta salinan lengkap." in answer.text
    assert "tidak akan tercatat dua kali" in answer.text
