"""A family with its card and members, and a category given on evidence and ended."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.test_accessibility import violations
from tests.e2e.windows import DESK, PHONE, Window, Windows

Callers = Callable[[str], Caller]


async def _register_family(window: Window, name: str, serial: int) -> None:
    page = window.page
    await window.go("/daftar")
    await page.get_by_text("Keluarga", exact=True).first.click()
    await page.get_by_label("Nama", exact=True).fill(name)
    await expect(page.get_by_label(re.compile("^NIK"))).to_be_hidden()
    await page.get_by_label(re.compile("^No. KK")).fill(f"3508 0312 0312 {serial:04}")
    await page.get_by_text("Pilih kategori PPKS").click()
    await page.get_by_label("Fakir Miskin").check()
    await page.get_by_label("Dasar pencatatan").select_option("public_task")


async def _add(window: Window, name: str, relation: str) -> None:
    page = window.page
    await page.get_by_role("link", name="Atur anggota").click()
    await page.get_by_label("Nama atau NIK warga yang sudah terdaftar").fill(name)
    await window.press("Cari")
    await page.get_by_label("Hubungan dengan kepala keluarga").select_option(relation)
    await window.press("Tambahkan")
    await expect(page.get_by_text("Tersimpan.")).to_be_visible()


@pytest.mark.parametrize(
    ("device", "scripts"),
    [(PHONE, True), (DESK, True), (PHONE, False)],
    ids=["phone", "desk", "no-scripts"],
)
async def test_a_family_gets_members_and_a_category_with_evidence_that_ends(
    *,
    windows: Windows,
    inventor: Inventor,
    caller: Callers,
    device: Mapping[str, Any],
    scripts: bool,
) -> None:
    window = await windows.open("psm.sumberwuluh", device, scripts=scripts)
    page = window.page
    look = f"{device['viewport']['width']}{'' if scripts else '-plain'}"
    mother, daughter = inventor.person(), inventor.person()
    for one in (mother, daughter):
        await caller("psm.sumberwuluh").register(one)
    name = f"Keluarga {mother.name}"
    await _register_family(window, name, int(mother.nik[-4:]) or 1)
    await window.photograph(f"register-family-{look}")
    await window.press("Daftarkan")
    await expect(window.heading(name)).to_be_visible()
    await expect(page.get_by_text(re.compile(r"3508\*{8}"))).to_be_visible()

    await _add(window, mother.name, "head")
    await page.get_by_role("link", name="Atur anggota").click()
    await page.get_by_label("Nama atau NIK warga yang sudah terdaftar").fill(daughter.name)
    await window.press("Cari")
    await page.get_by_label("Hubungan dengan kepala keluarga").select_option("child")
    await window.photograph(f"add-member-{look}")
    found = await violations(window, "members") if scripts else []
    await window.press("Tambahkan")
    members = page.get_by_role("region", name="Anggota keluarga")
    await expect(members.get_by_role("link", name=mother.name)).to_be_visible()
    await window.photograph(f"family-{look}")
    found += await violations(window, "family") if scripts else []

    await members.get_by_role("link", name=daughter.name).click()
    await expect(page.get_by_role("link", name=f"Anggota {name}")).to_be_visible()
    await page.get_by_role("link", name="Atur kategori").click()
    await page.get_by_text("Beri kategori").first.click()
    await page.get_by_role("combobox", name="Kategori").select_option("PRSE")
    evidence = page.get_by_role("textbox", name=re.compile("^Bukti ops"))
    await evidence.fill("Suami pergi sejak dua tahun.")
    await window.photograph(f"give-category-{look}")
    found += await violations(window, "categories") if scripts else []
    await window.press("Beri kategori")
    await expect(page.get_by_text("Usia di luar batas kategori")).to_be_visible()
    history = page.get_by_role("region", name="Kategori", exact=True)
    await expect(history.get_by_text("Bukti: Suami pergi")).to_be_visible()

    await page.get_by_role("link", name="Atur kategori").click()
    await page.get_by_text(re.compile("^Akhiri: Perempuan Rawan")).click()
    await page.get_by_role("combobox", name="Alasan").select_option("mistaken")
    await window.press("Akhiri")
    await expect(history.get_by_text("Salah catat")).to_be_visible()
    await window.photograph(f"person-with-history-{look}")
    found += await violations(window, "person") if scripts else []
    assert found == []
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= device["viewport"]["width"]


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_whoever_gives_a_category_of_layanan_khusus_is_told_who_sees_the_record_now(
    windows: Windows, inventor: Inventor, caller: Callers, device: Mapping[str, Any]
) -> None:
    person = inventor.person()
    known = await caller("psm.sumberwuluh").register(person)
    window = await windows.open("koordinator.lumajang", device)
    window.expect_answers(404)
    page = window.page
    await window.go(f"/warga/{known}/kategori")
    await page.get_by_text("Beri kategori").first.click()
    await page.get_by_role("combobox", name="Kategori").select_option("KTK")
    await window.press("Beri kategori")
    await expect(window.heading("Kategori dicatat")).to_be_visible()
    await expect(page.get_by_text("kini hanya dapat dilihat")).to_be_visible()
    assert person.name not in await page.content()
    await window.photograph(f"out-of-sight-{device['viewport']['width']}")
    assert await violations(window, "out of sight") == []
    assert await window.go(f"/warga/{known}") == 404


async def test_a_member_leaves_the_family_and_stays_in_its_history(
    windows: Windows, inventor: Inventor, caller: Callers
) -> None:
    window = await windows.open("psm.sumberwuluh", PHONE)
    page = window.page
    person = inventor.person()
    await caller("psm.sumberwuluh").register(person)
    await _register_family(window, f"Rumah {person.name}", int(person.nik[-4:]) or 1)
    await window.press("Daftarkan")
    await _add(window, person.name, "head")
    await page.get_by_role("link", name="Atur anggota").click()
    async with page.expect_navigation():
        await page.get_by_role("button", name="Keluar dari keluarga").click()
    members = page.get_by_role("region", name="Anggota keluarga")
    await expect(members.get_by_text(re.compile("Kepala keluarga.*keluar"))).to_be_visible()
