"""What workers do on the pages, for tests that are about something later or beside it."""

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable
from typing import Final

from playwright.async_api import expect

from tests.e2e.people import BIRTH_YEAR, Person
from tests.e2e.windows import Window

NEED: Final = "Tinggal sendiri, sudah dua hari tidak makan."
REFERRAL: Final = re.compile(r"/rujukan/([0-9a-f-]{36})")
SECONDS: Final = 10.0
_WATCH: Final = """
([selector, words]) => new Promise(resolve => {
    const look = () => {
        const places = [...document.querySelectorAll(selector)];
        if (places.some(one => one.innerText.includes(words))) {
            observer.disconnect();
            resolve();
        }
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, {childList: true, subtree: true, characterData: true});
    look();
})
"""


async def fill_in_registration(window: Window, person: Person) -> None:
    """Fill in Daftar, opened before, as far as a PSM would."""
    page = window.page
    await page.get_by_label("Nama", exact=True).fill(person.name)
    await page.get_by_text("Perempuan", exact=True).click()
    await page.get_by_label("Tahun lahir").fill(str(BIRTH_YEAR))
    await page.get_by_label(re.compile("^NIK")).fill(person.nik)
    await page.get_by_text("Pilih kategori PPKS").click()
    await page.get_by_label("Lanjut Usia Telantar").check()
    await page.get_by_label("Dasar pencatatan").select_option("public_task")


async def register(window: Window, person: Person) -> None:
    """Register a person; the window then shows her."""
    await window.go("/daftar")
    await fill_in_registration(window, person)
    await window.press("Daftarkan")
    await expect(window.heading(person.name)).to_be_visible()


async def fill_in_need(window: Window) -> None:
    """Fill in the Rujuk form, opened before."""
    page = window.page
    await page.get_by_label("Keadaan").select_option("NEGLECT")
    await page.get_by_label("Apa yang dibutuhkan").fill(NEED)
    await page.get_by_label("Dasar perujukan").select_option("public_task")
    await page.get_by_text("Keterangan tambahan").click()
    await page.get_by_label("Keluarga yang merawat").select_option("ya")
    await page.get_by_label("Kirim ke pilar tertentu").select_option("TKSK")


async def plan(window: Window) -> None:
    """From a person's page to the plan of her referral."""
    await window.page.get_by_role("link", name="Rujuk sekarang").click()
    await fill_in_need(window)
    await window.press("Lihat akan sampai ke siapa")
    await expect(window.heading("Periksa, lalu kirim")).to_be_visible()


async def send(window: Window) -> str:
    """Send what the plan shows; returns the referral's id."""
    await window.press("Kirim rujukan")
    await expect(window.page.get_by_text("Tersimpan:")).to_be_visible()
    return referral_shown(window)


async def refer(window: Window, person: Person) -> str:
    """Register a person and send a referral for her; the window then shows it."""
    await register(window, person)
    await plan(window)
    return await send(window)


def referral_shown(window: Window) -> str:
    """The id of the referral the window shows."""
    found = REFERRAL.fullmatch(window.path())
    assert found is not None, window.page.url
    return str(uuid.UUID(found[1]))


async def milliseconds_until(
    window: Window, selector: str, words: str, after: Awaitable[object]
) -> float:
    """How long after the beginning of `after` the window showed these words there.

    The page itself watches: Playwright looks only every half second.
    """
    seen = asyncio.create_task(_seen(window, selector, words))
    started = time.perf_counter()
    await after
    return (await asyncio.wait_for(seen, SECONDS) - started) * 1000


async def _seen(window: Window, selector: str, words: str) -> float:
    await window.page.evaluate(_WATCH, [selector, words])
    return time.perf_counter()
