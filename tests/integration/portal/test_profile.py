"""Profil, and the page on which each visitor's day begins."""

import re
from typing import Any

import httpx2
import pytest

from tests.integration.portal.answers.known import SESSION
from tests.integration.portal.neighbours import Neighbours

SIGNED_IN = "POST /directory/sessions/token"
CHANGE = "POST /directory/me/password"
TYPED = {
    "current_password": " lama sekali ",
    "new_password": " kuda-lumping-77 ",
    "repeated_password": " kuda-lumping-77 ",
}
TASKS = ["Tugas", "Daftar", "Rujuk", "Warga", "Kabar"]
# Role, pillar and area; where the day begins; what of the daily work the navigation offers.
VISITORS: dict[str, tuple[tuple[str, str, str], str, list[str]]] = {
    "worker": (("worker", "PSM", "35.08.03.2005"), "/tugas", TASKS),
    "coordinator": (("coordinator", "TKSK", "35.08"), "/tugas", TASKS),
    "social office": (("dinsos", "DINSOS", "35.08"), "/tugas", TASKS),
    "village head": (("village_head", "DESA_GOV", "35.08.03.2005"), "/tugas", ["Tugas", "Kabar"]),
    "admin": (("admin", "DINSOS", "35"), "/profil", ["Profil", "Kabar"]),
}


def sign_in_as(neighbours: Neighbours, role: str, pillar: str, area: str) -> None:
    """Let the session be that of somebody with this one duty."""
    _, traded = neighbours.answers[SIGNED_IN]
    duty: dict[str, Any] = {"pillar": pillar, "area": area, "role": role, "active": True}
    worker = {**traded["worker"], "duties": [duty]}
    neighbours.answer(SIGNED_IN, {**traded, "worker": worker})
    dated = {**duty, "from": "2024-01-01", "to": None}
    neighbours.answer("GET /directory/me", {**worker, "duties": [dated]})


def navigation(page: str) -> list[str]:
    """The words of the navigation, in order."""
    nav = page.partition('<nav class="nav"')[2].partition("</nav>")[0]
    return re.findall(r"</svg><span>([^<]+)</span>", nav)


@pytest.mark.parametrize("who", VISITORS)
async def test_the_day_begins_where_the_duties_allow_something(
    browser: httpx2.AsyncClient, neighbours: Neighbours, who: str
) -> None:
    duty, first, places = VISITORS[who]
    sign_in_as(neighbours, *duty)
    home = await browser.get("/")
    assert (home.status_code, home.headers["location"]) == (303, first)
    page = await browser.get(first)
    assert page.status_code == 200
    offered = {word for word in navigation(page.text) if word in {"Profil", *TASKS}}
    assert offered == set(places)


async def test_an_admin_reads_who_they_are_and_what_they_may_do(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    sign_in_as(neighbours, *VISITORS["admin"][0])
    page = (await browser.get("/profil")).text
    for words in ("Rahmat Hidayat", "Admin, Jawa Timur", "Mengelola petugas dan tugasnya",
                  "Melihat organisasi", "Memeriksa jejak audit",
                  "sejak 1 Januari 2024"):  # fmt: skip
        assert words in page
    assert "Mendaftarkan warga" not in page
    assert page.count("Halamannya belum ada") == 3
    assert 'action="/keluar"' in page


async def test_a_worker_reads_their_duties_with_their_days(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    duty = {"pillar": "PSM", "area": "35.08.03.2005", "role": "worker", "active": True}
    ended = {**duty, "from": "2024-01-01", "to": "2025-12-31"}
    answer = {"id": SESSION, "name": "Rahmat Hidayat", "duties": [ended]}
    neighbours.answer("GET /directory/me", {**answer, "absent_until": "2026-03-05"})
    page = (await browser.get("/profil")).text
    for words in ("PSM", "Petugas, Sumberwuluh, Kec. Candipuro", "Sedang izin sampai 5 Maret 2026",
                  "1 Januari 2024 sampai 31 Desember 2025", 'href="/daftar"'):  # fmt: skip
        assert words in page
    assert "Halamannya belum ada" not in page
    assert "Tidak berlaku" not in page


async def test_a_new_password_is_sent_as_typed_and_asks_to_sign_in_anew(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    await browser.get("/profil")
    answer = await browser.post("/profil/sandi", data=TYPED)
    assert answer.status_code == 303
    assert neighbours.of(CHANGE)[0].body == {
        "current_password": " lama sekali ",
        "new_password": " kuda-lumping-77 ",
    }
    assert 'sinergi=""' in answer.headers["set-cookie"]
    page = (await browser.get(answer.headers["location"])).text
    assert "Kata sandi sudah diganti." in page
    # The session has ended at directory; what the portal remembers of it must not live on.
    browser.cookies.set("sinergi", SESSION, domain="portal.test")
    neighbours.refuse(SIGNED_IN, "session-ended", 401)
    assert (await browser.get("/profil")).status_code == 303


REFUSED = {
    "wrong": ("wrong-password", "/current_password", "Kata sandi saat ini salah", 422),
    "weak": ("weak-password", "/new_password", "Sedikitnya 12 karakter.", 422),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_refused_password_is_explained_and_never_shown(
    browser: httpx2.AsyncClient, neighbours: Neighbours, why: str
) -> None:
    code, pointer, words, status = REFUSED[why]
    title = words if why == "wrong" else "Kata sandi terlalu mudah ditebak"
    errors = [{"pointer": pointer, "detail": words.rstrip(".") + "."}]
    neighbours.refuse(CHANGE, code, status, title=title, errors=errors)
    answer = await browser.post("/profil/sandi", data=TYPED)
    assert answer.status_code == status
    assert re.search(rf'id="f-{pointer[1:]}-salah"[^>]*>.*{words.rstrip(".")}\.', answer.text)
    for typed in TYPED.values():
        assert typed.strip() not in answer.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"current_password": ""}, "Wajib diisi."),
        ({"new_password": ""}, "Wajib diisi."),
        ({"repeated_password": "lain-sama-sekali"}, "Tidak sama dengan kata sandi baru."),
    ],
)
async def test_a_password_typed_carelessly_is_not_sent(
    browser: httpx2.AsyncClient, neighbours: Neighbours, changed: dict[str, str], words: str
) -> None:
    answer = await browser.post("/profil/sandi", data={**TYPED, **changed})
    assert answer.status_code == 422
    assert words in answer.text
    assert not neighbours.of(CHANGE)


@pytest.mark.parametrize("fault", ["session ended", "directory down", "too many"])
async def test_no_page_carries_a_password_on(
    browser: httpx2.AsyncClient, neighbours: Neighbours, fault: str
) -> None:
    if fault == "session ended":
        neighbours.refuse(SIGNED_IN, "session-ended", 401)
    elif fault == "directory down":
        neighbours.is_down.add("directory")
    else:
        neighbours.refuse(CHANGE, "too-many-attempts", 429)
    answer = await browser.post("/profil/sandi", data=TYPED)
    expected = {"session ended": 303, "directory down": 503, "too many": 429}
    assert answer.status_code == expected[fault]
    for typed in TYPED.values():
        assert typed.strip() not in answer.text
    if fault == "session ended":
        assert answer.headers["location"] == "/masuk?lanjut=/profil"
