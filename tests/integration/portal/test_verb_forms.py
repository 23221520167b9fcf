"""Verbs as cases describes them: drawn, read and told again by their data alone."""

import re
from typing import Any

import httpx2
import pytest

from tests.integration.portal.answers.cases import candidate, reference, referral
from tests.integration.portal.answers.known import BUDI, ME, REFERRAL, SARI, VILLAGE
from tests.integration.portal.neighbours import Neighbours

GET = f"GET /cases/referrals/{REFERRAL}"
CANDIDATES = f"GET /cases/referrals/{REFERRAL}/candidates"
ALL_KINDS = [
    {"field": "words", "kind": "text", "label": "Kata-kata", "required": True},
    {"field": "why", "kind": "choice", "label": "Sebab", "required": True,
     "options": [{"code": "weather", "label": "Cuaca"}, {"code": "road", "label": "Jalan putus"}]},
    {"field": "when", "kind": "datetime", "label": "Kapan", "required": True},
    {"field": "who", "kind": "worker", "label": "Siapa", "required": True},
    {"field": "where", "kind": "target", "label": "Ke mana", "required": True},
]  # fmt: skip
FILLED = {
    "words": "Dua baris",
    "why": "road",
    "when": "2026-12-01T08:00",
    "who": BUDI,
    "where.pillar": "PSM",
    "where.area": VILLAGE,
}


def teach(neighbours: Neighbours, *needs: dict[str, Any], status: str = "sent") -> None:
    """Let cases know a verb nobody wrote into the portal, and allow it."""
    known = reference()
    known["verbs"].append({"code": "ferry", "label": "Seberangkan", "needs": list(needs)})
    neighbours.answer("GET /cases/reference", known)
    neighbours.answer(GET, referral(status, allowed=["ferry"]))
    neighbours.answer(f"POST /cases/referrals/{REFERRAL}/ferry", referral(status))


async def test_a_verb_with_every_kind_of_field_is_drawn_from_its_description(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    teach(neighbours, *ALL_KINDS)
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    form = page.partition(f'action="/rujukan/{REFERRAL}/ferry"')[2].partition("</form>")[0]
    assert "Seberangkan</button>" in form
    assert re.search(r'<label for="f-ferry-words">Kata-kata</label>\s*<textarea', form)
    assert '<option value="road">Jalan putus</option>' in form
    assert re.search(r'type="datetime-local" id="f-ferry-when" name="when"', form)
    assert f'<option value="{BUDI}">Budi Santoso · Bertugas di' in form
    assert '<option value="PSM">Pekerja Sosial Masyarakat</option>' in form
    assert re.search(r'<optgroup label="Kecamatan di [^"]*Lumajang">', form)
    assert f'<option value="{VILLAGE}">Sumberwuluh</option>' in form
    identifiers = re.findall(r'\sid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))


async def test_the_forms_drawn_again_are_those_of_the_page(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    teach(neighbours, *ALL_KINDS)
    fields = r'(?:<label for|name)="([^"_][^"]*)"'
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text.partition('id="tindakan"')[2]
    part = await browser.get(f"/rujukan/{REFERRAL}/tindakan")
    assert part.status_code == 200
    assert re.findall(fields, part.text) == re.findall(fields, page.partition('id="riwayat"')[0])
    assert "where.area" in re.findall(fields, part.text)


async def test_each_kind_of_field_is_sent_in_its_shape(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    teach(neighbours, *ALL_KINDS)
    answer = await browser.post(f"/rujukan/{REFERRAL}/ferry", data=FILLED)
    assert answer.status_code == 303
    assert neighbours.of(f"POST /cases/referrals/{REFERRAL}/ferry")[0].body == {
        "words": "Dua baris",
        "why": "road",
        "when": "2026-12-01T08:00:00+07:00",
        "who": BUDI,
        "where": {"pillar": "PSM", "area": VILLAGE},
    }


async def test_half_a_target_is_one(browser: httpx2.AsyncClient, neighbours: Neighbours) -> None:
    await browser.post(f"/rujukan/{REFERRAL}/reroute", data={"target.area": VILLAGE})
    sent = neighbours.of(f"POST /cases/referrals/{REFERRAL}/reroute")[0].body
    assert sent == {"target": {"area": VILLAGE}}


async def test_a_target_can_be_an_outside_service_that_works_there(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    here = {"id": SARI, "kind": "PUSKESMAS", "area": "35.08.03", "name": "Puskesmas Candipuro"}
    narrower = {**here, "id": BUDI, "area": VILLAGE, "name": "Klinik Desa"}
    neighbours.answer("GET /cases/outside-services", {"items": [here, narrower]})
    neighbours.answer(GET, referral(allowed=["reroute"]))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    picker = page.partition('name="target.service"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(.+?)">([^<]+)<', picker) == [(SARI, "Puskesmas Candipuro")]
    await browser.post(f"/rujukan/{REFERRAL}/reroute", data={"target.service": SARI})
    sent = neighbours.of(f"POST /cases/referrals/{REFERRAL}/reroute")[0].body
    assert sent == {"target": {"service": SARI}}


@pytest.mark.parametrize("need", ALL_KINDS, ids=lambda need: need["kind"])
async def test_a_required_field_left_empty_is_asked_for_whatever_its_kind(
    browser: httpx2.AsyncClient, neighbours: Neighbours, need: dict[str, Any]
) -> None:
    teach(neighbours, need)
    answer = await browser.post(f"/rujukan/{REFERRAL}/ferry", data={})
    assert answer.status_code == 422
    sentence = f"{need['label']} wajib diisi."
    assert answer.text.count(sentence) == 2, "at the field, and in the list above"
    assert f'href="#f-ferry-{need["field"]}"' in answer.text
    assert f'id="f-ferry-{need["field"]}"' in answer.text
    assert not neighbours.of(f"POST /cases/referrals/{REFERRAL}/ferry")


async def test_an_optional_field_left_empty_is_not_sent(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    teach(neighbours, *({**need, "required": False} for need in ALL_KINDS))
    assert (await browser.post(f"/rujukan/{REFERRAL}/ferry", data={})).status_code == 303
    assert neighbours.of(f"POST /cases/referrals/{REFERRAL}/ferry")[0].body == {}


async def test_a_time_nobody_can_read_is_said_at_its_field(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    teach(neighbours, *ALL_KINDS)
    answer = await browser.post(f"/rujukan/{REFERRAL}/ferry", data={**FILLED, "when": "besok"})
    assert answer.status_code == 422
    assert "Waktu belum sesuai." in answer.text
    assert "Dua baris</textarea>" in answer.text
    assert f'<option value="{BUDI}" selected>' in answer.text
    assert f'<option value="{VILLAGE}" selected>' in answer.text


async def test_what_cases_refuses_of_a_target_is_said_at_its_part(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    teach(neighbours, *ALL_KINDS)
    errors = [{"pointer": "/where/area", "detail": "Tidak ada wilayah dengan kode ini."}]
    call = f"POST /cases/referrals/{REFERRAL}/ferry"
    neighbours.refuse(call, "unknown-area", 422, errors=errors)
    answer = await browser.post(f"/rujukan/{REFERRAL}/ferry", data=FILLED)
    assert re.search(r'id="f-ferry-where-area-salah"[^>]*>.*Tidak ada wilayah', answer.text)


async def test_a_verb_of_an_unheard_of_kind_of_field_can_still_be_filled_in(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    teach(neighbours, {"field": "weight", "kind": "number", "required": True})
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    assert '<label for="f-ferry-weight">weight</label>' in page
    await browser.post(f"/rujukan/{REFERRAL}/ferry", data={"weight": "7"})
    sent = neighbours.of(f"POST /cases/referrals/{REFERRAL}/ferry")[0].body
    assert sent == {"weight": "7"}


async def test_the_picker_is_the_ranking_with_its_reasons_and_without_the_holder(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    away = ["Bertugas di Kec. Candipuro, tepat di wilayah rujukan.",
            "Tidak sedang memegang rujukan.", "Sedang berhalangan, tanpa pengganti."]  # fmt: skip
    ranked = [candidate(SARI), candidate(ME, holds_it=True), candidate(BUDI, reasons=away)]
    neighbours.answer(CANDIDATES, {"items": ranked})
    neighbours.answer(GET, referral("accepted", holder_id=ME, allowed=["assign"]))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    picker = page.partition('name="worker_id"')[2].partition("</select>")[0]
    here = "Bertugas di Kec. Candipuro, tepat di wilayah rujukan"
    idle = f"{here} · Tidak sedang memegang rujukan"
    assert re.findall(r'<option value="(.+?)">([^<]+)<', picker) == [
        (SARI, f"Sari Wulandari · {here} · Sedang memegang 3 rujukan"),
        (BUDI, f"Budi Santoso · {idle} · Sedang berhalangan, tanpa pengganti"),
    ]


async def test_the_ranking_is_asked_for_only_where_a_verb_names_a_worker(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.get(f"/rujukan/{REFERRAL}")
    assert not neighbours.of(CANDIDATES)


@pytest.mark.parametrize("state", ["nobody fits", "cases is silent"])
async def test_a_picker_without_workers_says_so(
    browser: httpx2.AsyncClient, neighbours: Neighbours, state: str
) -> None:
    neighbours.answer(GET, referral(allowed=["assign"]))
    if state == "nobody fits":
        neighbours.answer(CANDIDATES, {"items": []})
    else:
        neighbours.answer(CANDIDATES, {}, status=503)
    page = await browser.get(f"/rujukan/{REFERRAL}")
    assert page.status_code == 200
    assert "Tidak ada petugas lain" in page.text


def step(verb: str, **changes: Any) -> dict[str, Any]:
    known: dict[str, Any] = referral()["history"][0]
    return {**known, "verb": verb, "status": "accepted", **changes}


async def test_the_history_tells_what_was_chosen_in_the_words_of_its_verb(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    teach(neighbours)
    known = reference()
    option = {"code": "road", "label": "Jalan putus"}
    need = {"field": "reason", "kind": "choice", "label": "Sebab", "options": [option]}
    known["verbs"] += [
        {"code": "ferry", "label": "Seberangkan", "needs": [need]},
        {"code": "escalate", "label": "Eskalasi", "actors": ["clock"]},
    ]
    neighbours.answer("GET /cases/reference", known)
    history = [
        step("ferry", reason="road"),
        step("complete", outcome="no_show", note="Rumah kosong"),
        step("assign", subject_id=BUDI),
        step("escalate", actor_id=None, acting_as=None, reason="reply"),
        step("note", actor_id=None, acting_as=None, note="Dari pelapor"),
        step("reroute", status="rerouted", subject_id=REFERRAL),
    ]
    neighbours.answer(GET, referral(history=history, allowed=[]))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    for words in ("Sebab: Jalan putus", "Hasil: Tidak hadir", "Rumah kosong",
                  "<strong>Tugaskan</strong> oleh Sari Wulandari kepada Budi Santoso",
                  "<strong>Eskalasi</strong> otomatis", "Batas waktu: Dibalas",
                  "<strong>Tambah catatan</strong></p>",
                  f'<a href="/rujukan/{REFERRAL}">Buka rujukan penggantinya</a>'):  # fmt: skip
        assert words in page


async def test_a_protected_sender_is_neither_named_nor_called_a_machine(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    known = reference()
    known["verbs"].append({"code": "recall", "label": "Tarik", "actors": ["sender", "clock"]})
    neighbours.answer("GET /cases/reference", known)
    hidden = step("recall", actor_id=None, acting_as=None)
    neighbours.answer(GET, referral("recalled", sender_id=None, history=[hidden], allowed=[]))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    assert "<strong>Tarik</strong></p>" in page
    assert "</svg>Dari</dt>" not in page


async def test_a_label_changes_with_the_service_alone(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    known = reference()
    for status in known["statuses"]:
        if status["code"] == "in_progress":
            status["label"] = "Sedang dibantu"
    neighbours.answer("GET /cases/reference", known)
    neighbours.answer(GET, referral("in_progress", allowed=[]))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    assert "Sedang dibantu</span>" in page
    assert "Ditangani</span>" not in page
    assert (
        '<option value="in_progress">Sedang dibantu</option>' in (await browser.get("/tugas")).text
    )


async def test_a_referral_on_hold_says_how_long(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    paused = {"due_at": None, "hold_until": "2026-12-01T01:00:00Z"}
    neighbours.answer(GET, referral("on_hold", allowed=["resume"], **paused))
    page = (await browser.get(f"/rujukan/{REFERRAL}")).text
    assert "Waktu berhenti selama rujukan berstatus Ditunda." in page
    assert 'title="1 Desember 2026, 08.00 WIB"' in page
    assert "Lanjutkan</button>" in page
