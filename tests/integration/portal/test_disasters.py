"""Bencana: what its pages show and send, and what comes of each family of a batch."""

import copy
import gzip
import json
import re
import uuid
from typing import Any

import httpx2
import pytest

from tests.integration.portal.answers.cases import reference
from tests.integration.portal.answers.known import ME, in_hours
from tests.integration.portal.neighbours import Neighbours
from tests.integration.portal.test_every_page import BUDGET

DISASTER = "0190e000-0000-7000-8000-000000000001"
POSKO = "0190e000-0000-7000-8000-000000000002"
PAGE = f"/bencana/{DISASTER}"
FORM = f"{PAGE}/lokasi/{POSKO}"
HEADS = {"male": 40, "female": 60, "children": 30, "elders": 10, "disabled": 2, "total": 100}
SITE: dict[str, Any] = {
    "id": POSKO, "name": "Posko Balai Desa", "area": "35.08.03.2005", "kind": "shelter",
    "capacity": 250, "families": 31, "people": HEADS, "referrals": {"sent": 60, "accepted": 33},
    "counted": {**HEADS, "total": 1180, "at": in_hours(-1)},
}  # fmt: skip
EMPTY: dict[str, Any] = {
    "id": str(uuid.uuid4()), "name": "Dapur <Umum>", "area": "35.08.03", "kind": "kitchen",
    "capacity": None, "families": 0, "people": {}, "referrals": {}, "counted": None,
}  # fmt: skip
FAMILY = {"name": "Suparman", "male": "2", "female": "1", "children": "1", "need": "Tenda."}


@pytest.fixture
def disaster(neighbours: Neighbours) -> dict[str, Any]:
    """A disaster with a full site and an empty one; a test changes the answer in place."""
    whole = {
        "id": DISASTER, "name": "Erupsi Semeru", "situation": "NATURAL_DISASTER",
        "category": "KBA", "area": "35.08", "started_at": in_hours(-5), "closed_at": None,
        "sites": [copy.deepcopy(SITE), EMPTY], "offline_form": True, "head_count_required": True,
    }  # fmt: skip
    codes = reference() | {
        "disaster_situations": [{"code": "NATURAL_DISASTER", "label": "Bencana alam"}],
        "site_kinds": [{"code": "shelter", "label": "Tempat pengungsian"}],
    }
    neighbours.answer("GET /cases/reference", codes)
    neighbours.answer("GET /cases/disasters", {"items": [whole]})
    neighbours.answer(f"GET /cases/disasters/{DISASTER}", whole)
    neighbours.answer("POST /registry/beneficiaries/batch", registered)
    neighbours.answer(f"POST /cases/disasters/{DISASTER}/intakes", taken)
    return whole


def registered(body: dict[str, Any]) -> dict[str, Any]:
    """Everybody is new; who has no name is refused."""
    nameless = [{"code": "missing", "pointer": "/name", "detail": "Field required"}]
    return {
        "items": [
            {"key": one["key"], "status": "created", "id": str(uuid.uuid4())}
            if one.get("name")
            else {"key": one["key"], "status": "invalid", "errors": nameless}
            for one in body["items"]
        ]
    }


def taken(body: dict[str, Any]) -> dict[str, Any]:
    """Everybody gets a case, but those whose need says otherwise."""
    wrong = {"code": "head-count-wrong", "pointer": "/head_count", "detail": "Isi jumlah jiwa."}
    case = {"id": str(uuid.uuid4()), "number": "RJ-35.08-2026-000007"}
    other: dict[str, dict[str, Any]] = {
        "salah": {"status": "invalid", "errors": [wrong]},
        "nanti": {"status": "try-again"},
        "ganda": {"status": "already", "case": case},
    }
    return {
        "items": [
            {"key": one["key"], **other.get(one["need"], {"status": "created", "case": case})}
            for one in body["items"]
        ]
    }


def sign_in_as(neighbours: Neighbours, pillar: str, area: str, role: str) -> None:
    status, answer = neighbours.answers["POST /directory/sessions/token"]
    changed = copy.deepcopy(answer)
    held = {"pillar": pillar, "area": area, "role": role, "active": True}
    changed["worker"] = {**changed["worker"], "duties": [held]}
    neighbours.answers["POST /directory/sessions/token"] = (status, changed)


async def test_the_list_names_each_disaster_and_how_it_stands(
    browser: httpx2.AsyncClient, disaster: dict[str, Any]
) -> None:
    page = (await browser.get("/bencana")).text
    assert "Erupsi Semeru" in page
    assert "Berlangsung" in page
    disaster["closed_at"] = in_hours(-1)
    assert "Ditutup" in (await browser.get("/bencana")).text


async def test_only_who_may_declare_one_is_shown_the_form(
    browser: httpx2.AsyncClient, neighbours: Neighbours, disaster: dict[str, Any]
) -> None:
    assert "Catat bencana baru" not in (await browser.get("/bencana")).text
    assert "Tambah lokasi" not in (await browser.get(PAGE)).text


async def test_dinsos_declares_adds_and_closes(
    browser: httpx2.AsyncClient, neighbours: Neighbours, disaster: dict[str, Any]
) -> None:
    sign_in_as(neighbours, "DINSOS", "35.08", "dinsos")
    neighbours.answer("POST /cases/disasters", disaster, 201)
    neighbours.answer(f"POST /cases/disasters/{DISASTER}/sites", SITE, 201)
    neighbours.answer(f"POST /cases/disasters/{DISASTER}/close", disaster)
    page = (await browser.get("/bencana")).text
    assert "Catat bencana baru" in page
    body = {
        "name": "Banjir", "situation": "NATURAL_DISASTER", "area": "35.08",
        "started_at": "2026-11-20T08:30",
    }  # fmt: skip
    made = await browser.post("/bencana", data=body)
    assert (made.status_code, made.headers["location"]) == (303, PAGE)
    (call,) = neighbours.of("POST /cases/disasters")
    assert call.body == {**body, "started_at": "2026-11-20T08:30:00+07:00"}
    assert call.headers["idempotency-key"]
    site = {"name": "Posko", "kind": "shelter", "area": "35.08.03.2005", "capacity": "250"}
    assert (await browser.post(PAGE, data=site)).headers["location"] == PAGE
    (call,) = neighbours.of(f"POST /cases/disasters/{DISASTER}/sites")
    assert call.body == {**site, "capacity": 250}
    assert (await browser.post(f"{PAGE}/tutup")).headers["location"] == PAGE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Isi nama lokasi."),
        ({"capacity": "banyak"}, "Tulis dengan angka."),
    ],
)
async def test_a_site_that_is_filled_in_wrongly_is_shown_again(
    browser: httpx2.AsyncClient, neighbours: Neighbours, disaster: dict[str, Any],
    changes: dict[str, str], words: str,
) -> None:  # fmt: skip
    sign_in_as(neighbours, "DINSOS", "35.08", "dinsos")
    site = {"name": "Posko", "kind": "shelter", "area": "35.08.03.2005", **changes}
    answer = await browser.post(PAGE, data=site)
    assert answer.status_code == 422
    assert words in answer.text


async def test_the_page_counts_people_and_referrals_by_site(
    browser: httpx2.AsyncClient, disaster: dict[str, Any]
) -> None:
    page = (await browser.get(PAGE)).text
    assert "Posko Balai Desa: 100 jiwa" in page
    assert "Dapur &lt;Umum&gt;: 0 jiwa" in page
    assert '<rect class="bar" x="0" y="21" width="100.0%"' in page
    assert page.count('class="bar"') == 1
    assert "31 keluarga" in page
    assert "60 rujukan" in page
    assert "1.180 jiwa" in page
    assert re.search(r"<th scope=\"row\">Posko Balai Desa</th><td>31</td><td>40</td>", page)


@pytest.mark.parametrize("path", ["/bencana", PAGE, FORM])
async def test_a_page_weighs_little_the_first_time_and_names_its_controls(
    browser: httpx2.AsyncClient, disaster: dict[str, Any], path: str
) -> None:
    page = (await browser.get(path)).text
    total = len(gzip.compress(page.encode()))
    for address in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page)):
        asset = await browser.get(address, headers={"Accept-Encoding": "gzip"})
        total += int(asset.headers["content-length"])
    assert total <= BUDGET
    assert page.count("<h1") == 1
    identifiers = re.findall(r'\sid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))


async def test_a_family_is_sent_without_a_script(
    browser: httpx2.AsyncClient, neighbours: Neighbours, disaster: dict[str, Any]
) -> None:
    key = str(uuid.uuid4())
    answer = await browser.post(FORM, data={**FAMILY, "_key": key, "_owner": ME})
    assert answer.headers["location"] == f"{FORM}?selesai=RJ-35.08-2026-000007"
    (call,) = neighbours.of("POST /registry/beneficiaries/batch")
    assert call.body["items"] == [
        {
            "name": "Suparman", "key": key, "kind": "family", "area": "35.08.03.2005",
            "categories": ["KBA"], "legal_basis": "vital_interest",
        }
    ]  # fmt: skip
    (call,) = neighbours.of(f"POST /cases/disasters/{DISASTER}/intakes")
    (item,) = call.body["items"]
    assert (item["key"], item["site_id"], item["need"]) == (key, POSKO, "Tenda.")
    assert {name: int(count) for name, count in item["head_count"].items()} == {
        "male": 2, "female": 1, "children": 1, "elders": 0, "disabled": 0,
    }  # fmt: skip
    shown = (await browser.get(answer.headers["location"])).text
    assert "Tersimpan: kasus RJ-35.08-2026-000007" in shown


async def test_a_family_that_was_refused_is_shown_again_as_typed(
    browser: httpx2.AsyncClient, disaster: dict[str, Any]
) -> None:
    answer = await browser.post(FORM, data={**FAMILY, "need": "salah"})
    assert answer.status_code == 422
    assert "Isi jumlah jiwa." in answer.text
    assert 'value="Suparman"' in answer.text


async def test_each_family_of_a_batch_is_answered_for_itself(
    browser: httpx2.AsyncClient, neighbours: Neighbours, disaster: dict[str, Any]
) -> None:
    families = [
        {**FAMILY, "key": str(uuid.uuid4()), "occurred_at": in_hours(-2), **changes}
        for changes in ({}, {"need": "salah"}, {"need": "nanti"}, {"need": "ganda"}, {"name": ""})
    ]
    answer = await browser.post(f"{FORM}/kirim", json={"items": families})
    told = answer.json()["items"]
    assert [one["key"] for one in told] == [one["key"] for one in families]
    assert [one["status"] for one in told] == ["sent", "refused", "later", "already", "refused"]
    assert told[1]["errors"][0]["message"] == "Isi jumlah jiwa."
    assert told[4]["errors"] == [{"field": "name", "message": "Wajib diisi."}]
    (call,) = neighbours.of(f"POST /cases/disasters/{DISASTER}/intakes")
    assert len(call.body["items"]) == 4
    assert call.body["items"][0]["occurred_at"] == families[0]["occurred_at"]


@pytest.mark.parametrize("down", ["registry", "cases"])
async def test_while_a_service_is_away_the_phone_keeps_its_queue(
    browser: httpx2.AsyncClient, neighbours: Neighbours, disaster: dict[str, Any], down: str
) -> None:
    neighbours.is_down.add(down)
    item = {**FAMILY, "key": str(uuid.uuid4())}
    answer = await browser.post(f"{FORM}/kirim", json={"items": [item]})
    assert answer.status_code == 503


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"items": 1}', '{"items": [1]}', "\x00"])
async def test_what_no_script_of_ours_sends_is_refused(
    browser: httpx2.AsyncClient, neighbours: Neighbours, disaster: dict[str, Any], body: str
) -> None:
    answer = await browser.post(f"{FORM}/kirim", content=body)
    assert answer.status_code == 422
    assert not neighbours.of("POST /registry/beneficiaries/batch")


async def test_more_families_than_the_services_take_are_refused(
    browser: httpx2.AsyncClient, disaster: dict[str, Any]
) -> None:
    body = json.dumps({"items": [{**FAMILY, "key": str(uuid.uuid4())}] * 201})
    assert (await browser.post(f"{FORM}/kirim", content=body)).status_code == 422


async def test_the_queue_is_offered_where_the_rule_allows_a_form_without_signal(
    browser: httpx2.AsyncClient, disaster: dict[str, Any]
) -> None:
    assert f'data-keluarga="{ME}:{POSKO}"' in (await browser.get(FORM)).text
    disaster["offline_form"] = False
    assert "data-keluarga" not in (await browser.get(FORM)).text


async def test_a_site_wider_than_a_village_asks_for_the_village(
    browser: httpx2.AsyncClient, disaster: dict[str, Any]
) -> None:
    kitchen = f"{PAGE}/lokasi/{EMPTY['id']}"
    assert 'value="35.08.03.2005"' in (await browser.get(kitchen)).text
    assert 'name="area"' not in (await browser.get(FORM)).text


async def test_everybody_at_a_site_is_counted(
    browser: httpx2.AsyncClient, neighbours: Neighbours, disaster: dict[str, Any]
) -> None:
    path = f"/cases/disasters/{DISASTER}/sites/{POSKO}/head-counts"
    neighbours.answer(f"POST {path}", {}, 201)
    answer = await browser.post(f"{FORM}/jiwa", data={"male": "480", "female": "700"})
    assert answer.headers["location"] == FORM
    (call,) = neighbours.of(f"POST {path}")
    assert call.body == {"male": 480, "female": 700, "children": 0, "elders": 0, "disabled": 0}
    refused = await browser.post(f"{FORM}/jiwa", data={"male": "banyak"})
    assert refused.status_code == 422
    assert "Tulis dengan angka." in refused.text


async def test_a_site_of_another_disaster_is_not_there(
    browser: httpx2.AsyncClient, disaster: dict[str, Any]
) -> None:
    assert (await browser.get(f"{PAGE}/lokasi/{uuid.uuid4()}")).status_code == 404


async def test_the_notice_of_a_batch_leads_to_the_tasks(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    notice = {
        "id": str(uuid.uuid4()), "kind": "families_new", "title": "35 keluarga baru di Posko",
        "referral_id": str(uuid.uuid4()), "case_number": "RJ-35.08-2026-000001",
        "at": in_hours(-1), "read_at": None,
    }  # fmt: skip
    neighbours.answer("GET /notifications/notices", {"items": [notice], "next": None})
    page = (await browser.get("/kabar")).text
    assert "RJ-35.08-2026-000001" not in page
    sent = dict(re.findall(r'name="(rujukan|jenis)" value="([^"]*)"', page))
    answer = await browser.post(f"/kabar/{notice['id']}/buka", data=sent)
    assert answer.headers["location"] == "/tugas"
