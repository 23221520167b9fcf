"""A disaster: a site is opened, families are typed on a phone without signal, pillars see them."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.async_api import Dialog, expect

from tests.e2e.people import Inventor
from tests.e2e.test_accessibility import violations
from tests.e2e.windows import DESK, PHONE, Window, Windows

OFFLINE = "ERR_INTERNET_DISCONNECTED"
KEPT = "Object.keys(localStorage).filter(key => key.startsWith('sinergi-keluarga:')).length"
SITE = "Posko Balai Desa"
NEWS = "2 keluarga baru di lokasi bencana Sumberwuluh"


def forget_offline(window: Window) -> None:
    """Browsers complain of each request that a phone without signal could not make."""
    window.complaints[:] = [one for one in window.complaints if OFFLINE not in one]


async def open_site(windows: Windows, name: str) -> str:
    """Dinsos declares a disaster with one site; returns the address of the disaster."""
    dinsos = await windows.open("dinsos.lumajang", DESK)
    await dinsos.go("/bencana")
    await dinsos.page.locator("summary", has_text="Catat bencana baru").click()
    await dinsos.page.get_by_label("Nama bencana").fill(name)
    await dinsos.page.get_by_label("Jenis").select_option("NATURAL_DISASTER")
    await dinsos.page.get_by_label("Wilayah terdampak").select_option("35.08")
    await dinsos.press("Catat bencana")
    await expect(dinsos.heading(name)).to_be_visible()
    await dinsos.page.get_by_label("Nama lokasi").fill(SITE)
    await dinsos.page.get_by_label("Jenis lokasi").select_option("shelter")
    await dinsos.page.get_by_label("Desa atau kelurahan").select_option("35.08.03.2005")
    await dinsos.page.get_by_label("Daya tampung").fill("250")
    await dinsos.press("Tambah lokasi")
    await expect(dinsos.page.get_by_role("heading", name=SITE)).to_be_visible()
    return dinsos.path()


async def at_site(windows: Windows, disaster: str, **opened: Any) -> Window:
    window = await windows.open("tagana.lumajang", **opened)
    await window.go(disaster)
    await window.page.get_by_role("link", name="Data keluarga").click()
    await expect(window.heading(SITE)).to_be_visible()
    return window


async def type_family(window: Window, name: str, *, children: int = 1) -> None:
    page = window.page
    await page.get_by_label("Nama kepala keluarga").fill(name)
    family = page.get_by_role("form", name="Keluarga")
    await family.get_by_label("Laki-laki").fill("2")
    await family.get_by_label("Perempuan").fill("1")
    await family.get_by_label("Anak").fill(str(children))
    await page.get_by_role("button", name="Simpan, lanjut").click()


async def test_families_typed_without_signal_arrive_once_each(
    windows: Windows, inventor: Inventor
) -> None:
    names = [inventor.person().name for _ in range(3)]
    disaster = await open_site(windows, "Erupsi Semeru")
    window = await at_site(windows, disaster)
    waiting = window.page.locator("#antrean")

    await type_family(window, names[0])
    await expect(waiting).to_contain_text("1 keluarga menunggu dikirim")
    await window.page.reload()
    await expect(waiting).to_contain_text(names[0])

    await window.page.context.set_offline(True)
    await type_family(window, names[1])
    await type_family(window, names[2], children=9)
    await expect(waiting).to_contain_text("3 keluarga menunggu dikirim")
    await expect(waiting).to_contain_text("Luring")
    await window.photograph("disaster-offline-390")
    await window.page.get_by_role("button", name="Kirim sekarang").click()
    await expect(waiting).to_contain_text("3 keluarga menunggu dikirim")

    await window.page.context.set_offline(False)
    sent = window.page.locator("#hasil")
    await expect(sent).to_contain_text(names[0])
    await expect(sent).to_contain_text(names[1])
    await expect(sent).to_contain_text(re.compile(r"kasus RJ-35\.08-\d{4}-\d{6}"))
    await expect(waiting).to_contain_text("1 keluarga menunggu dikirim")
    await expect(waiting).to_contain_text("dihitung di dalam laki-laki + perempuan")
    await window.photograph("disaster-results-390")

    await window.page.get_by_role("button", name=f"Perbaiki {names[2]}").click()
    await window.page.get_by_role("form", name="Keluarga").get_by_label("Anak").fill("2")
    await window.page.get_by_role("button", name="Simpan, lanjut").click()
    await window.page.get_by_role("button", name="Kirim sekarang").click()
    await expect(sent).to_contain_text(names[2])
    await expect(waiting).to_be_hidden()
    assert await window.page.evaluate(KEPT) == 0

    await window.go(disaster)
    await expect(window.page.get_by_text("3 keluarga", exact=True)).to_be_visible()
    forget_offline(window)
    tksk = await windows.open("tksk.candipuro")
    await tksk.go("/kabar")
    await expect(tksk.page.get_by_text(NEWS)).to_be_visible()
    await tksk.photograph("disaster-notice-390")
    await tksk.page.get_by_role("button", name=NEWS).click()
    for name in names:
        await expect(tksk.card(name)).to_be_visible()


async def test_what_is_kept_on_a_phone_is_its_workers_alone_and_goes_when_they_sign_out(
    windows: Windows, inventor: Inventor
) -> None:
    name = inventor.person().name
    disaster = await open_site(windows, "Banjir bandang")
    window = await at_site(windows, disaster, to_leave=True)
    await type_family(window, name)
    await expect(window.page.locator("#antrean")).to_contain_text(name)
    asked: list[str] = []

    async def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await (dialog.dismiss() if len(asked) == 1 else dialog.accept())

    window.page.on("dialog", answer)
    await window.page.locator("details.me > summary").click()
    await window.page.get_by_role("button", name="Keluar", exact=True).click()
    await expect(window.page.locator("#antrean")).to_contain_text(name)
    assert await window.page.evaluate(KEPT) == 1
    async with window.page.expect_navigation():
        await window.page.get_by_role("button", name="Keluar", exact=True).click()
    assert len(asked) == 2
    assert await window.page.evaluate(KEPT) == 0


async def test_without_a_script_each_family_is_sent_by_itself(
    windows: Windows, inventor: Inventor
) -> None:
    disaster = await open_site(windows, "Longsor")
    window = await windows.open("tagana.lumajang", PHONE, scripts=False)
    await window.go(disaster)
    await window.page.get_by_role("link", name="Data keluarga").click()
    for _ in range(2):
        await window.page.get_by_label("Nama kepala keluarga").fill(inventor.person().name)
        family = window.page.get_by_role("form", name="Keluarga")
        await family.get_by_label("Laki-laki").fill("1")
        await family.get_by_label("Perempuan").fill("1")
        await window.press("Kirim keluarga ini")
        await expect(window.page.get_by_text("Tersimpan: kasus RJ-35.08-")).to_be_visible()
    await expect(window.page.get_by_text("2 keluarga, 4 jiwa sudah terdata")).to_be_visible()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_pages_of_a_disaster_are_for_everybody(
    windows: Windows, inventor: Inventor, device: Mapping[str, Any]
) -> None:
    width = device["viewport"]["width"]
    disaster = await open_site(windows, f"Banjir {width}")
    window = await at_site(windows, disaster, device=device)
    await type_family(window, inventor.person().name)
    await expect(window.page.locator("#antrean")).to_be_visible()
    found = await violations(window, "intake")
    await window.page.get_by_role("button", name="Kirim sekarang").click()
    await expect(window.page.locator("#hasil")).to_be_visible()
    dinsos = await windows.open("dinsos.lumajang", device)
    for page, address in (("bencana", "/bencana"), ("disaster", disaster)):
        await dinsos.go(address)
        found += await violations(dinsos, page)
        await dinsos.photograph(f"disaster-{page}-{width}")
        wide = await dinsos.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, page
    assert found == []
