"""What holds for every page: headers, weight, landmarks, and no way past the sign-in."""

import gzip
import re

import httpx2
import pytest
from fastapi import FastAPI

from services.portal.main import build
from services.portal.settings import Settings
from tests.integration.portal.answers.cases import work
from tests.integration.portal.answers.known import ME, OTHER, PERSON, REFERRAL, REPORT
from tests.integration.portal.conftest import common_settings
from tests.integration.portal.neighbours import Neighbours

PAGES = [
    "/tugas",
    "/tugas?milik=tersedia",
    "/tugas?kursor=next",
    "/terkirim",
    f"/rujukan/{REFERRAL}",
    "/daftar",
    "/rujuk",
    f"/rujuk?warga={PERSON}",
    "/warga",
    f"/warga/{PERSON}?baru=true",
    f"/warga/{PERSON}/ganda",
    f"/warga/{PERSON}/gabung/{OTHER}",
    f"/keluarga/{PERSON}",
    f"/warga/{PERSON}/kategori",
    f"/warga/{PERSON}/pelindungan",
    f"/warga/{PERSON}/perbaiki",
    f"/warga/{PERSON}/jejak",
    "/pelindungan",
    "/laporan",
    f"/laporan/{REPORT}",
    "/kabar",
    "/kabar?kursor=next",
    "/profil",
    f"/izin/{ME}",
    "/aturan",
    "/aturan/R026",
]
BUDGET = 60_000


@pytest.mark.parametrize("path", [*PAGES, "/masuk", "/tidak-ada", "/health/live"])
async def test_every_answer_carries_the_security_headers(
    browser: httpx2.AsyncClient, path: str
) -> None:
    headers = (await browser.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


@pytest.mark.parametrize("path", PAGES)
async def test_a_worker_page_weighs_little_the_first_time(
    browser: httpx2.AsyncClient, neighbours: Neighbours, path: str
) -> None:
    neighbours.answer("GET /cases/worklist", {"items": [work() for _ in range(50)], "next": None})
    page = (await browser.get(path)).text
    total = len(gzip.compress(page.encode()))
    for address in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page)):
        asset = await browser.get(address, headers={"Accept-Encoding": "gzip"})
        total += int(asset.headers["content-length"])
    assert total <= BUDGET


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_landmarks_a_heading_and_names_for_its_controls(
    browser: httpx2.AsyncClient, path: str
) -> None:
    page = (await browser.get(path)).text
    assert page.count("<h1") == 1
    assert '<html lang="id">' in page
    assert re.search(r'<main id="isi"', page)
    assert re.search(r'<nav [^>]*aria-label="', page)
    identifiers = re.findall(r'\sid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    for control in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
        if 'type="hidden"' in control or 'type="radio"' in control or 'type="checkbox"' in control:
            continue
        name = re.search(r'\sid="([^"]+)"', control)
        assert name, control
        assert f'<label for="{name[1]}"' in page, control
    for target in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page):
        assert set(target.split()) <= set(identifiers), target


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_works_by_plain_forms(browser: httpx2.AsyncClient, path: str) -> None:
    page = (await browser.get(path)).text
    assert "<button" in page
    for form in re.findall(r"<form[^>]*>", page):
        assert 'action="/' in form, form
        assert re.search(r'method="(get|post)"', form), form


async def test_an_asset_is_immutable_compressed_and_public(stranger: httpx2.AsyncClient) -> None:
    page = (await stranger.get("/masuk")).text
    address = re.findall(r'href="(/static/[^"]+\.css)"', page)[0]
    asset = await stranger.get(address, headers={"Accept-Encoding": "gzip"})
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-encoding"] == "gzip"
    assert asset.headers["vary"] == "Accept-Encoding"
    plain = await stranger.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == asset.content


@pytest.mark.parametrize(
    "path",
    [
        "/static/000000000000/portal.css",
        "/static/../settings.py",
        "/static/vendor/vendor.json",
        "/static/vendor/refresh.py",
    ],
)
async def test_nothing_else_is_served_as_an_asset(stranger: httpx2.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 404


async def test_pages_are_compressed(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/daftar", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


async def test_an_unknown_page_is_a_friendly_one(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/tidak-ada")
    assert answer.status_code == 404
    assert "Tidak ditemukan" in answer.text
    assert (await browser.get("/rujukan/bukan-nomor")).status_code == 404


async def test_a_service_that_is_down_gives_a_page_to_try_again(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.is_down.add("cases")
    answer = await browser.get("/tugas")
    assert answer.status_code == 503
    assert "Coba lagi" in answer.text
    assert 'href="/tugas"' in answer.text


async def test_an_answer_nobody_understands_is_a_service_that_is_down(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.answer("GET /cases/worklist", {"items": [{"status": 5}]})
    assert (await browser.get("/tugas")).status_code == 503


async def test_pages_show_without_names_and_counts_when_only_those_are_missing(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.get("/tugas")
    neighbours.is_down |= {"registry", "notifications"}
    answer = await browser.get("/tugas")
    assert answer.status_code == 200
    assert "Nama terbatas" in answer.text
    assert (await browser.get(f"/rujukan/{REFERRAL}")).status_code == 200


async def test_a_fault_of_ours_is_a_friendly_page_without_a_trace(
    browser: httpx2.AsyncClient, portal: FastAPI
) -> None:
    @portal.get("/rusak")
    async def broken() -> None:
        raise RuntimeError("rahasia")

    answer = await browser.get("/rusak")
    assert answer.status_code == 500
    assert "kesalahan di pihak kami" in answer.text
    assert "rahasia" not in answer.text
    assert answer.headers["content-security-policy"]


async def test_ready_says_whether_directory_answers(
    stranger: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    assert (await stranger.get("/health/ready")).json()["checks"] == {"directory": "ok"}
    neighbours.is_down.add("directory")
    answer = await stranger.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"directory": "failing"}


async def test_nobody_at_the_address_is_a_service_that_is_down(neighbours: Neighbours) -> None:
    common = common_settings(neighbours).model_copy(update={"directory_url": "http://127.0.0.1:9"})
    app = build(Settings(client_secret="x", secure_cookie=False), common)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(
        transport=transport,
        base_url="http://portal.test",
        headers={"Origin": "http://portal.test", "Cookie": "sinergi=abc"},
    ) as browser:
        assert (await browser.get("/tugas")).status_code == 503
        signing_in = {"username": "a.b", "password": "x"}
        refused = await browser.post("/masuk", data=signing_in)
    await app.state.clients.close()
    assert refused.status_code == 503
    assert 'value="a.b"' in refused.text
