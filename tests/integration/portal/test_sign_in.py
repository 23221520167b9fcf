from urllib.parse import quote

import httpx2
import pytest

from services.portal.main import build
from services.portal.settings import Settings
from tests.integration.portal.answers.known import ME, REFERRAL, SESSION
from tests.integration.portal.conftest import ORIGIN, common_settings
from tests.integration.portal.neighbours import Neighbours

SIGN_IN = {"username": "tksk.candipuro", "password": "rahasia", "lanjut": "/kabar"}


async def test_signing_in_gives_an_opaque_cookie_and_goes_on(
    stranger: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    answer = await stranger.post("/masuk", data=SIGN_IN)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/kabar"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"sinergi={SESSION};")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    asked = neighbours.of("POST /directory/sessions")[0]
    assert asked.body == {"username": "tksk.candipuro", "password": "rahasia"}
    assert asked.headers["authorization"] == "Bearer service"


async def test_behind_https_the_cookie_is_bound_to_the_host(neighbours: Neighbours) -> None:
    app = build(Settings(client_secret="x"), common_settings(neighbours))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(
        transport=transport,
        base_url="https://portal.test",
        headers={"Origin": "https://portal.test"},
    ) as browser:
        answer = await browser.post("/masuk", data=SIGN_IN)
    await app.state.clients.close()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-sinergi=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_a_wrong_password_is_said_in_words_and_the_name_is_kept(
    stranger: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse(
        "POST /directory/sessions", "bad-credentials", 401, title="Nama atau kata sandi salah"
    )
    answer = await stranger.post("/masuk", data=SIGN_IN)
    assert answer.status_code == 401
    assert answer.text.count("Nama atau kata sandi salah") == 1
    assert 'value="tksk.candipuro"' in answer.text
    assert "rahasia" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_too_many_attempts_ask_for_patience(
    stranger: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse("POST /directory/sessions", "too-many-attempts", 429)
    answer = await stranger.post("/masuk", data=SIGN_IN)
    assert answer.status_code == 429
    assert "Terlalu banyak percobaan" in answer.text


async def test_signing_in_never_leads_out_of_the_portal(stranger: httpx2.AsyncClient) -> None:
    answer = await stranger.post("/masuk", data={**SIGN_IN, "lanjut": "//evil.test"})
    assert answer.headers["location"] == "/"


async def test_a_page_asks_a_stranger_to_sign_in_and_remembers_where(
    stranger: httpx2.AsyncClient,
) -> None:
    answer = await stranger.get(f"/rujukan/{REFERRAL}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/masuk?lanjut=/rujukan/{REFERRAL}"
    assert quote(REFERRAL) in (await stranger.get(answer.headers["location"])).text


async def test_a_token_is_traded_once_and_kept_until_it_ages(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.get("/kabar")
    await browser.get("/kabar")
    trades = neighbours.of("POST /directory/sessions/token")
    assert [trade.headers["x-session"] for trade in trades] == [SESSION]
    assert neighbours.of("GET /notifications/notices")[0].headers["authorization"] == (
        "Bearer visitor"
    )


async def test_a_short_lived_token_is_traded_anew(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    _, traded = neighbours.answers["POST /directory/sessions/token"]
    neighbours.answer("POST /directory/sessions/token", {**traded, "expires_in": 5})
    await browser.get("/kabar")
    await browser.get("/kabar")
    assert len(neighbours.of("POST /directory/sessions/token")) == 2


async def test_signing_out_ends_the_session_and_empties_the_browser(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.get("/kabar")
    answer = await browser.post("/keluar")
    assert answer.headers["location"] == "/masuk?keluar=true"
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert 'sinergi=""' in answer.headers["set-cookie"]
    assert neighbours.of("DELETE /directory/sessions/current")[0].headers["x-session"] == SESSION
    neighbours.refuse("POST /directory/sessions/token", "session-ended", 401)
    browser.cookies.set("sinergi", SESSION, domain="portal.test")
    assert (await browser.get("/kabar")).status_code == 303


async def test_signing_out_works_while_directory_is_down(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.is_down.add("directory")
    answer = await browser.post("/keluar")
    assert answer.status_code == 303
    assert 'sinergi=""' in answer.headers["set-cookie"]


async def test_a_form_sent_after_the_session_ended_can_be_finished_after_signing_in(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse("POST /directory/sessions/token", "session-ended", 401)
    typed = {"_key": "key-of-the-form", "_owner": ME, "name": "Sumi & Astuti"}
    asked = await browser.post("/daftar", data=typed)
    assert asked.status_code == 401
    assert 'name="r.name" value="Sumi &amp; Astuti"' in asked.text
    carried = {f"r.{name}": value for name, value in typed.items()}
    resumed = await browser.post("/masuk", data={**SIGN_IN, **carried, "lanjut": "/daftar"})
    assert resumed.status_code == 303
    assert "Sumi" not in resumed.headers["location"]
    neighbours.reset()
    resumed = await browser.get(resumed.headers["location"])
    assert 'action="/daftar"' in resumed.text
    assert 'name="name" value="Sumi &amp; Astuti"' in resumed.text
    assert 'name="_key" value="key-of-the-form"' in resumed.text


async def test_what_one_worker_typed_is_never_shown_to_the_next(
    stranger: httpx2.AsyncClient,
) -> None:
    carried = {"r.name": "Sumi", "r._owner": "0190a000-0000-7000-8000-0000000000ff"}
    answer = await stranger.post("/masuk", data={**SIGN_IN, **carried, "lanjut": "/daftar"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("path", ["/masuk", "/keluar", "/daftar", f"/rujukan/{REFERRAL}/accept"])
async def test_a_form_of_another_site_is_refused(
    browser: httpx2.AsyncClient, neighbours: Neighbours, path: str
) -> None:
    answer = await browser.post(path, data=SIGN_IN, headers={"Origin": "http://evil.test"})
    assert answer.status_code == 403
    assert "tidak datang dari halaman Sinergi" in answer.text
    assert not neighbours.calls


async def test_a_request_without_any_origin_is_refused(stranger: httpx2.AsyncClient) -> None:
    del stranger.headers["origin"]
    assert (await stranger.post("/masuk", data=SIGN_IN)).status_code == 403
    stranger.headers["origin"] = ORIGIN
    assert (await stranger.post("/masuk", data=SIGN_IN)).status_code == 303
