"""Every page that follows a form has an address of its own, in which nothing personal stands."""

import re
import time
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from services.portal.drafts import KEPT_SECONDS, LONGEST
from services.portal.main import build
from services.portal.settings import Settings
from tests.integration.portal.answers.known import BUDI, NOTICE, PERSON, REFERRAL, SESSION
from tests.integration.portal.answers.registry import person
from tests.integration.portal.conftest import ORIGIN, common_settings
from tests.integration.portal.neighbours import Neighbours
from tests.integration.portal.test_forms import NEED, SUMI
from tests.integration.portal.test_sign_in import SIGN_IN

PLAN = {**NEED, "_step": "rencana"}
SIGNED_IN = "POST /directory/sessions/token"
EFFECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "register": ("/daftar", SUMI),
    "search": ("/warga", {"cari": "sumi"}),
    "search to refer": ("/rujuk", {"_step": "cari", "cari": "sumi"}),
    "plan": ("/rujuk", PLAN),
    "change the plan": ("/rujuk", {**NEED, "_step": "ubah"}),
    "send": ("/rujuk", {**NEED, "_step": "kirim"}),
    "accept": (f"/rujukan/{REFERRAL}/accept", {}),
    "open a notice": (f"/kabar/{NOTICE}/buka", {"rujukan": REFERRAL}),
    "read all notices": ("/kabar/dibaca", {}),
    "change the password": (
        "/profil/sandi",
        {"current_password": "a", "new_password": "b", "repeated_password": "b"},
    ),
    "sign in": ("/masuk", SIGN_IN),
    "sign in with a form": ("/masuk", {**SIGN_IN, "r.name": "Sumi", "r._owner": "-"}),
    "sign out": ("/keluar", {}),
}


@pytest.mark.parametrize("what", EFFECTS)
async def test_a_form_with_an_effect_leads_to_a_page_that_can_be_gone_back_to(
    browser: httpx2.AsyncClient, what: str
) -> None:
    path, fields = EFFECTS[what]
    answer = await browser.post(path, data=fields)
    assert answer.status_code == 303
    location = answer.headers["location"]
    for word in ("Sumi", "sumi", "makan", "3508", "0812", "LUT", "NEGLECT", "rahasia"):
        assert word not in location
    await browser.get(location)
    assert (await browser.get(location)).status_code in {200, 303}


async def test_the_plan_is_made_anew_each_time_it_is_gone_back_to(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    place = (await browser.post("/rujuk", data=PLAN)).headers["location"]
    assert not neighbours.of("POST /cases/referrals/plan")
    pages = [(await browser.get(place)).text for _ in range(2)]
    for page in pages:
        assert "Akan sampai ke" in page
        assert 'name="_key" value="key-of-need"' in page
        assert 'name="need" value="Dua hari belum makan"' in page
    assert len(neighbours.of("POST /cases/referrals/plan")) == 2
    assert not neighbours.of("POST /cases/referrals")
    form = (await browser.get(f"{place}/ubah")).text
    assert "Dua hari belum makan</textarea>" in form


async def test_two_plans_side_by_side_stay_apart(browser: httpx2.AsyncClient) -> None:
    one = (await browser.post("/rujuk", data=PLAN)).headers["location"]
    two = (await browser.post("/rujuk", data={**PLAN, "need": "Kursi roda"})).headers["location"]
    assert "Dua hari belum makan" in (await browser.get(one)).text
    assert "Kursi roda" in (await browser.get(two)).text


async def test_another_process_of_the_portal_shows_the_plan_too(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    place = (await browser.post("/rujuk", data=PLAN)).headers["location"]
    other = build(Settings(client_secret="x", secure_cookie=False), common_settings(neighbours))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(other), base_url=ORIGIN, cookies=browser.cookies
    ) as elsewhere:
        assert "Akan sampai ke" in (await elsewhere.get(place)).text
    await other.state.clients.close()


async def test_a_plan_that_is_refused_shows_the_form_with_the_reason(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    errors = [{"pointer": "/need", "detail": "Terlalu singkat."}]
    neighbours.refuse("POST /cases/referrals/plan", "rule-violated", 422, errors=errors)
    answer = await browser.post("/rujuk", data=PLAN, follow_redirects=True)
    assert answer.status_code == 422
    assert "Terlalu singkat." in answer.text
    assert "Dua hari belum makan</textarea>" in answer.text


async def test_what_is_kept_is_sealed_and_sent_to_its_place_alone(
    browser: httpx2.AsyncClient,
) -> None:
    answer = await browser.post("/rujuk", data=PLAN)
    cookie = answer.headers["set-cookie"]
    attributes = set(cookie.split("; ")[1:])
    assert {f"Path={answer.headers['location']}", "HttpOnly", "SameSite=lax"} <= attributes
    assert f"Max-Age={KEPT_SECONDS}" in attributes
    for word in ("makan", "NEGLECT", PERSON):
        assert word not in cookie


async def test_behind_https_what_is_kept_never_leaves_it(neighbours: Neighbours) -> None:
    app = build(Settings(client_secret="x"), common_settings(neighbours))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url="https://portal.test",
        headers={"Origin": "https://portal.test", "Cookie": f"__Host-sinergi={SESSION}"},
    ) as browser:
        cookie = (await browser.post("/rujuk", data=PLAN)).headers["set-cookie"]
    await app.state.clients.close()
    assert cookie.startswith("__Secure-sinergi-isian=")
    assert "Secure" in cookie.split("; ")


@pytest.mark.parametrize("path", ["", "/ubah"])
async def test_another_worker_on_the_same_phone_sees_nothing_of_it(
    browser: httpx2.AsyncClient, neighbours: Neighbours, portal: FastAPI, path: str
) -> None:
    place = (await browser.post("/rujuk", data=PLAN)).headers["location"]
    _, traded = neighbours.answers[SIGNED_IN]
    worker = {**traded["worker"], "id": BUDI, "name": "Budi Santoso"}
    neighbours.answer(SIGNED_IN, {**traded, "worker": worker})
    portal.state.sessions.forget(SESSION)
    page = (await browser.get(place + path)).text
    assert "Budi Santoso" in page
    assert "sudah tidak tersimpan" in page
    assert "makan" not in page


async def test_what_was_kept_for_one_place_opens_no_other(browser: httpx2.AsyncClient) -> None:
    answer = await browser.post("/rujuk", data=PLAN)
    name, _, sealed = answer.headers["set-cookie"].partition(";")[0].partition("=")
    elsewhere = f"/rujuk/{REFERRAL}"
    browser.cookies.set(name, sealed, domain="portal.test", path=elsewhere)
    assert "sudah tidak tersimpan" in (await browser.get(elsewhere)).text


@pytest.mark.parametrize("value", ["", "x", "gAAAAA", "%00", "Z" * 5000])
async def test_a_spoilt_cookie_is_a_form_that_is_gone(
    browser: httpx2.AsyncClient, value: str
) -> None:
    place = f"/warga/cari/{REFERRAL}"
    browser.cookies.set("sinergi-isian", value, domain="portal.test", path=place)
    answer = await browser.get(place)
    assert answer.status_code == 200
    assert "sudah tidak tersimpan" in answer.text


async def test_after_an_hour_it_is_gone(
    browser: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = int(time.time()) - KEPT_SECONDS - 5
    with monkeypatch.context() as then:
        then.setattr("cryptography.fernet.time.time", lambda: long_ago)
        answer = await browser.post("/warga", data={"cari": "sumi"})
    name, _, sealed = answer.headers["set-cookie"].partition(";")[0].partition("=")
    place = answer.headers["location"]
    # A browser that does not tell the time well still sends it.
    browser.cookies.set(name, sealed, domain="portal.test", path=place)
    page = (await browser.get(place)).text
    assert "sudah tidak tersimpan" in page
    assert "Sumi Astuti" not in page


async def test_more_than_a_browser_keeps_is_shown_at_once_and_nothing_is_lost(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    # Words that no compression makes shorter than a cookie may be.
    need = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(2000))
    assert len(need.encode()) > LONGEST
    answer = await browser.post("/rujuk", data={**PLAN, "need": need})
    assert answer.status_code == 200
    assert "Akan sampai ke" in answer.text
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    changed = await browser.post("/rujuk", data={**carried, "_step": "ubah"})
    assert need in changed.text
    await browser.post("/rujuk", data={**carried, "_step": "kirim"})
    assert neighbours.of("POST /cases/referrals")[0].body["need"] == need


REFUSALS: dict[str, tuple[str, dict[str, Any], str]] = {
    "register": ("/daftar", {**SUMI, "name": ""}, "/daftar"),
    "search": ("/warga", {"cari": "x"}, "/warga"),
    "refer": ("/rujuk", {**PLAN, "need": ""}, "/rujuk"),
    "a verb": (f"/rujukan/{REFERRAL}/return", {}, f"/rujukan/{REFERRAL}"),
    "the password": ("/profil/sandi", {"current_password": "a"}, "/profil"),
    "sign in": ("/masuk", {}, "/masuk"),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_an_answer_without_effect_names_the_page_to_go_back_to(
    browser: httpx2.AsyncClient, what: str
) -> None:
    path, fields, shown_at = REFUSALS[what]
    answer = await browser.post(path, data=fields)
    assert f'data-address="{shown_at}"' in answer.text
    assert (await browser.get(shown_at)).status_code == 200
    assert "data-address" not in (await browser.get(shown_at)).text


async def test_a_held_form_names_its_page_too(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.is_down.add("cases")
    answer = await browser.post(f"/rujukan/{REFERRAL}/note", data={"text": "Sudah dijenguk"})
    assert answer.status_code == 503
    assert f'data-address="/rujukan/{REFERRAL}"' in answer.text


async def test_a_record_with_nothing_odd_about_it_keeps_nothing(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer(f"GET /registry/beneficiaries/{PERSON}", person())
    assert "set-cookie" not in (await browser.post("/daftar", data=SUMI)).headers
