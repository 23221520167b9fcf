"""A service is killed under a worker's hands; the supervisor starts it again."""

import re
from collections.abc import Callable

import httpx2
from playwright.async_api import expect

from tests.e2e import steps
from tests.e2e.callers import Caller
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.e2e.windows import DESK, PHONE, Windows
from tests.fixtures.processes import until

NOT_ANSWERING = re.compile(r"Layanan sedang tidak menjawab\.")
NOTE = "Kursi roda sudah dipesan, tiba pekan depan."


async def _is_back(installation: Installation, service: str) -> None:
    async def ready() -> bool:
        async with httpx2.AsyncClient(trust_env=False, timeout=2) as client:
            try:
                answer = await client.get(installation.url(service) + "/health/ready")
            except httpx2.HTTPError:
                return False
            return answer.status_code == 200

    await until(ready, 30, installation.said)


async def test_a_referral_that_met_a_dead_service_is_kept_and_sent_later(
    windows: Windows, installation: Installation, inventor: Inventor
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh", PHONE)
    window.expect_answers(503)
    await steps.register(window, person)
    await steps.plan(window)
    installation.process_of("cases").kill()
    await window.press("Kirim rujukan")
    await expect(window.page.get_by_role("alert").get_by_text(NOT_ANSWERING)).to_be_visible()
    await expect(window.page.get_by_label("Apa yang dibutuhkan")).to_have_value(steps.NEED)
    await expect(window.page.get_by_label("Keadaan")).to_have_value("NEGLECT")
    await window.photograph("service-down")
    await _is_back(installation, "cases")
    assert re.search(r"cases ended \(signal 9\); it restarts in", installation.said())
    await window.press("Lihat akan sampai ke siapa")
    await steps.send(window)
    await window.go("/terkirim")
    await expect(window.card(person.name)).to_have_count(1)


async def test_a_note_that_met_a_dead_service_is_kept_and_saved_later(
    windows: Windows,
    installation: Installation,
    inventor: Inventor,
    caller: Callable[[str], Caller],
) -> None:
    psm = caller("psm.sumberwuluh")
    referral = (await psm.send(await psm.register(inventor.person())))["id"]
    window = await windows.open("psm.sumberwuluh", DESK)
    window.expect_answers(503)
    await window.go(f"/rujukan/{referral}")
    await window.page.locator("summary", has_text="Tambah catatan").click()
    await window.page.get_by_label("Catatan", exact=True).fill(NOTE)
    installation.process_of("cases").kill()
    await window.press("Tambah catatan")
    await window.photograph("service-down-note")
    await _is_back(installation, "cases")
    await expect(window.page.get_by_text("Isian Anda masih di sini.")).to_be_visible()
    await window.press("Kirim lagi")
    history_shown = window.page.get_by_role("region", name="Riwayat")
    await expect(history_shown.get_by_text(NOTE)).to_be_visible()
    history = (await psm.get("cases", f"/referrals/{referral}"))["history"]
    assert [step["note"] for step in history].count(NOTE) == 1


async def test_a_page_that_needs_a_dead_service_says_so_and_comes_back(
    windows: Windows, installation: Installation
) -> None:
    window = await windows.open("tksk.candipuro", PHONE)
    window.expect_answers(503)
    await window.go("/kabar")
    installation.process_of("cases").kill()
    assert await window.go("/tugas") == 503
    await expect(window.heading("Layanan sedang tidak tersedia")).to_be_visible()
    await window.photograph("page-down")
    await _is_back(installation, "cases")
    await window.page.get_by_role("link", name="Coba lagi").click()
    await expect(window.heading("Tugas")).to_be_visible()
    await expect(window.page.locator(".cards > li").first).to_be_visible()
