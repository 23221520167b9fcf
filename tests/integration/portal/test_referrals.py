"""Tugas, Terkirim and the referral itself."""

import re
from typing import Any

import httpx2
import pytest

from tests.integration.portal.answers.cases import LABELS, referral, work
from tests.integration.portal.answers.known import BUDI, ME, PERSON, REFERRAL, SARI, in_hours
from tests.integration.portal.neighbours import Neighbours

ACCEPT = f"POST /cases/referrals/{REFERRAL}/accept"
GET = f"GET /cases/referrals/{REFERRAL}"


async def test_the_worklist_shows_who_what_where_and_until_when(
    browser: httpx2.AsyncClient,
) -> None:
    page = (await browser.get("/tugas")).text
    for words in ("Sumi Astuti", "Lanjut Usia Telantar", "Kec. Candipuro", "Balas sebelum",
                  "dari Sari Wulandari", "Terkirim", "Segera"):  # fmt: skip
        assert words in page


async def test_names_are_asked_for_once_per_page(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    rows = [work(holder_id=BUDI), work(sender_id=BUDI), work()]
    neighbours.answer("GET /cases/worklist", {"items": rows, "next": None})
    await browser.get("/tugas")
    assert len(neighbours.of("POST /registry/beneficiaries/lookup")) == 1
    asked = neighbours.of("POST /directory/workers/lookup")
    assert [set(one.body["ids"]) for one in asked] == [{BUDI, SARI}]


@pytest.mark.parametrize(("whose", "shown"), [("semua", 2), ("tersedia", 1), ("saya", 1)])
async def test_the_worklist_can_be_narrowed_to_the_pool_or_to_oneself(
    browser: httpx2.AsyncClient, neighbours: Neighbours, whose: str, shown: int
) -> None:
    rows = [work(), work(status="accepted", holder_id=ME)]
    neighbours.answer("GET /cases/worklist", {"items": rows, "next": None})
    page = (await browser.get(f"/tugas?milik={whose}")).text
    assert page.count('class="card item') == shown


async def test_the_filter_by_status_is_the_services_own(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get("/tugas?status=returned")).text
    assert neighbours.of("GET /cases/worklist")[0].query["status"] == "returned"
    assert '<option value="returned" selected>' in page


async def test_the_sender_sees_every_step_of_what_was_sent(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    rows = [work(status=status, sender_id=ME, holder_id=BUDI) for status in LABELS]
    neighbours.answer("GET /cases/referrals", {"items": rows, "next": None})
    page = (await browser.get("/terkirim")).text
    assert neighbours.of("GET /cases/referrals")[0].query["sent"] == "true"
    assert all(f"</svg>{label}</span>" in page for label in LABELS.values())
    assert "TKSK: Budi Santoso" in page


async def test_opening_a_referral_tells_the_sender_that_it_was_seen(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(GET, referral(allowed=["see", "accept"]))
    await browser.get(f"/rujukan/{REFERRAL}")
    assert len(neighbours.of(f"POST /cases/referrals/{REFERRAL}/see")) == 1


async def test_opening_a_referral_ends_its_notices_before_they_are_counted(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    read = f"POST /notifications/notices/of-referral/{REFERRAL}/read"
    neighbours.answers["GET /notifications/notices/count"] = (
        200,
        lambda _: {"unread": 3 - len(neighbours.of(read))},
    )
    assert '<span class="count">2' in (await browser.get(f"/rujukan/{REFERRAL}")).text
    assert len(neighbours.of(read)) == 1


@pytest.mark.parametrize("fault", [404, 503])
async def test_a_referral_opens_although_its_notices_stay(
    browser: httpx2.AsyncClient, neighbours: Neighbours, fault: int
) -> None:
    read = f"POST /notifications/notices/of-referral/{REFERRAL}/read"
    neighbours.answer(read, {}, status=fault)
    assert (await browser.get(f"/rujukan/{REFERRAL}")).status_code == 200
    neighbours.refuse(GET, "not-found", 404)
    await browser.get(f"/rujukan/{REFERRAL}")
    assert len(neighbours.of(read)) == 1, "nothing is marked where nothing was seen"


async def test_refreshing_a_part_never_counts_as_seeing(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(GET, referral(allowed=["see", "accept"]))
    for part in ("fakta", "tindakan"):
        assert (await browser.get(f"/rujukan/{REFERRAL}/{part}")).status_code == 200
    assert not neighbours.of(f"POST /cases/referrals/{REFERRAL}/see")
    assert not neighbours.of(f"POST /notifications/notices/of-referral/{REFERRAL}/read")


async def test_the_referral_says_why_until_when_what_happened_and_who_was_told(
    browser: httpx2.AsyncClient,
) -> None:
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    for words in (
        "RJ-35.08-2026-000123",
        "dua hari belum makan",
        "Lanjut usia telantar tanpa keluarga ditangani TKSK kecamatan.",
        "Hubungi hanya lewat kontak yang aman.",
        "Mulai ditangani",
        "Sampai di siapa",
        "Budi Santoso",
        "Sampai</span>",
        "sebagai PSM, Sumberwuluh, Kec. Candipuro",
    ):
        assert words in page


async def test_only_the_verbs_the_service_allows_are_offered(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(GET, referral(allowed=["start", "hold", "assign", "unheard_of"]))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    offered = re.findall(rf'action="/rujukan/{REFERRAL}/([a-z_]+)"', page)
    assert offered == ["start", "hold", "assign"]
    assert 'type="datetime-local"' in page
    assert f'<option value="{BUDI}">Budi Santoso' in page


async def test_nothing_allowed_is_said_in_words(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(GET, referral(allowed=[]))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    assert "Tidak ada yang perlu Anda lakukan sekarang" in page


async def test_each_form_has_a_key_of_its_own_and_sends_it(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    keys = re.findall(r'name="_key" value="([^"]+)"', page)
    assert len(keys) == len(set(keys)) == 2
    answer = await browser.post(f"/rujukan/{REFERRAL}/accept", data={"_key": keys[0]})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/rujukan/{REFERRAL}?selesai=accept"
    assert neighbours.of(ACCEPT)[0].headers["idempotency-key"] == keys[0]
    assert "Tersimpan:" in (await browser.get(answer.headers["location"])).text


@pytest.mark.parametrize("verb", ["reroute", "send"])
async def test_what_was_sent_to_nobody_is_said_once_it_is_sent(
    browser: httpx2.AsyncClient, neighbours: Neighbours, verb: str
) -> None:
    words = "Belum ada petugas yang dapat dihubungi."
    if verb == "send":
        sent = {"referrals": [referral()], "warnings": [words]}
        neighbours.answer("POST /cases/referrals", sent, 201)
        need = {"category": "LUT", "situation": "NEGLECT", "need": "Makan", "_step": "kirim",
                "legal_basis": "vital_interest", "beneficiary_id": PERSON}  # fmt: skip
        answer = await browser.post("/rujuk", data=need)
    else:
        done = referral("rerouted", warnings=[words])
        neighbours.answer(f"POST /cases/referrals/{REFERRAL}/reroute", done)
        path = f"/rujukan/{REFERRAL}/reroute"
        answer = await browser.post(path, data={"target.pillar": "PSM"})
    assert answer.status_code == 303, answer.text
    assert words in (await browser.get(answer.headers["location"])).text
    assert words not in (await browser.get(f"/rujukan/{REFERRAL}")).text


async def test_a_double_press_sends_the_same_key_twice(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    for _ in range(2):
        await browser.post(f"/rujukan/{REFERRAL}/accept", data={"_key": "pressed-twice"})
    sent = [call.headers["idempotency-key"] for call in neighbours.of(ACCEPT)]
    assert sent == ["pressed-twice", "pressed-twice"]


async def test_a_verb_sends_the_fields_it_needs_and_no_others(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    typed = {"reason": "Menunggu keluarga", "until": "2026-12-01T08:00", "holder_id": ME}
    await browser.post(f"/rujukan/{REFERRAL}/hold", data=typed)
    assert neighbours.of(f"POST /cases/referrals/{REFERRAL}/hold")[0].body == {
        "reason": "Menunggu keluarga",
        "until": "2026-12-01T08:00:00+07:00",
    }


async def test_a_missing_field_is_marked_and_what_was_typed_stays(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    answer = await browser.post(f"/rujukan/{REFERRAL}/return", data={"note": "Tidak sanggup"})
    assert answer.status_code == 422
    assert "Alasan wajib diisi." in answer.text
    assert "Tidak sanggup</textarea>" in answer.text
    assert not neighbours.of(f"POST /cases/referrals/{REFERRAL}/return")


async def test_the_second_to_accept_is_told_who_was_first(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    holder = {"id": BUDI, "name": "Budi Santoso", "pillar": "TKSK"}
    neighbours.refuse(ACCEPT, "already-accepted", 409, holder=holder)
    neighbours.answer(GET, referral("accepted", holder_id=BUDI, allowed=[]))
    answer = await browser.post(f"/rujukan/{REFERRAL}/accept")
    assert answer.status_code == 409
    assert "Sudah diambil oleh Budi Santoso" in answer.text
    assert "Diterima" in answer.text


async def test_a_verb_that_is_no_longer_allowed_shows_the_present_state(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse(ACCEPT, "transition-not-allowed", 409, status_now="recalled", allowed=[])
    neighbours.answer(GET, referral("recalled", allowed=[]))
    answer = await browser.post(f"/rujukan/{REFERRAL}/accept")
    assert answer.status_code == 409
    assert "sudah berubah" in answer.text
    assert "Ditarik" in answer.text


async def test_a_lost_answer_keeps_the_words_and_the_key(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(GET, referral(allowed=["note"]))
    neighbours.answer(f"POST /cases/referrals/{REFERRAL}/note", {}, status=503)
    typed = {"text": "Sudah dijenguk", "_key": "the-same-key"}
    answer = await browser.post(f"/rujukan/{REFERRAL}/note", data=typed)
    assert answer.status_code == 503
    assert "Sudah dijenguk</textarea>" in answer.text
    assert 'value="the-same-key"' in answer.text
    assert "tidak akan tercatat dua kali" in answer.text


async def test_a_referral_out_of_scope_is_not_found(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse(GET, "not-found", 404)
    answer = await browser.get(f"/rujukan/{REFERRAL}")
    assert answer.status_code == 404
    assert "di luar wilayah tugas Anda" in answer.text


@pytest.mark.parametrize(
    ("level", "words"), [("C1", "Isinya tidak terbuka untuk Anda"), ("C3", "Layanan khusus")]
)
async def test_a_reader_of_the_status_alone_is_told_so(
    browser: httpx2.AsyncClient, neighbours: Neighbours, level: str, words: str
) -> None:
    silent: dict[str, Any] = dict.fromkeys(("category", "situation", "need"))
    neighbours.answer(GET, referral("completed", confidentiality=level, history=[], **silent))
    assert words in (await browser.get(f"/rujukan/{REFERRAL}")).text


async def test_a_missed_deadline_is_said_with_its_age(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    late = work(overdue=True, due_at=in_hours(-3), reply_by=in_hours(-3))
    neighbours.answer("GET /cases/worklist", {"items": [late], "next": None})
    assert "Terlambat 3 jam" in (await browser.get("/tugas")).text


@pytest.mark.parametrize(("sender", "asks"), [(ME, True), (SARI, False)])
async def test_a_sender_without_a_ledger_yet_asks_for_it_again_soon(
    browser: httpx2.AsyncClient, neighbours: Neighbours, sender: str, *, asks: bool
) -> None:
    neighbours.refuse("GET /notifications/deliveries", "not-found", 404)
    neighbours.answer(GET, referral(sender_id=sender))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    assert ("load delay:2s" in page) is asks
