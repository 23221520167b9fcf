"""Profil, for everybody; and where somebody lands who has no tasks."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.windows import DESK, PHONE, Windows

NEW_PASSWORD = "kursi-rotan-tujuh"


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_an_admin_lands_on_a_page_that_says_who_they_are(
    windows: Windows, device: dict[str, dict[str, int]]
) -> None:
    window = await windows.open(device=device)
    await window.go("/")
    await window.fill_in_sign_in("admin", windows.password)
    await expect(window.heading(re.compile(r"\(demo\)"))).to_be_visible()
    assert window.path() == "/profil"
    await expect(window.page.get_by_text("Admin, Jawa Timur").last).to_be_visible()
    await expect(window.page.get_by_text("Mengelola petugas dan tugasnya")).to_be_visible()
    navigation = window.page.get_by_role("navigation", name="Utama")
    await expect(navigation.get_by_role("link").first).to_have_text("Profil")
    for word, times in (("Kabar", 1), ("Tugas", 0), ("Daftar", 0), ("Rujuk", 0), ("Warga", 0)):
        await expect(navigation.get_by_role("link", name=word)).to_have_count(times)
    await window.photograph(f"admin-{device['viewport']['width']}")
    for link in ("Kabar", "Profil", "Sinergi"):
        await window.page.get_by_role("link", name=link).first.click()
        await expect(window.page.get_by_text("Tidak diizinkan")).to_have_count(0)
    await expect(window.heading(re.compile(r"\(demo\)"))).to_be_visible()
    await window.page.get_by_role("main").get_by_role("button", name="Keluar").click()
    await expect(window.page.get_by_text("Anda sudah keluar.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_a_password_is_changed_and_the_old_one_is_of_no_use(
    windows: Windows, *, scripts: bool
) -> None:
    username = "karangtaruna.jarit" if scripts else "karangtaruna.penanggal"
    window = await windows.open(username, PHONE, scripts=scripts)
    window.expect_answers(401, 422)
    await window.go("/tugas")
    await window.page.locator("summary", has_text="(demo)").click()
    await window.page.get_by_role("link", name="Profil").click()
    await window.page.get_by_text("Ganti kata sandi").first.click()

    for current, words in (
        ("bukan-kata-sandi-ini", "Kata sandi saat ini salah."),
        (windows.password, None),
    ):
        await window.page.get_by_label("Kata sandi sekarang").fill(current)
        await window.page.get_by_label("Kata sandi baru", exact=True).fill(NEW_PASSWORD)
        await window.page.get_by_label("Ulangi kata sandi baru").fill(NEW_PASSWORD)
        await window.press("Ganti kata sandi")
        if words:
            await expect(window.page.locator(".error", has_text=words)).to_be_visible()
            await window.photograph(f"password-refused-{'scripts' if scripts else 'none'}")
    await expect(window.page.get_by_text("Kata sandi sudah diganti.")).to_be_visible()
    await window.photograph(f"password-changed-{'scripts' if scripts else 'none'}")

    await window.fill_in_sign_in(username, windows.password)
    await expect(window.page.get_by_role("alert")).to_be_visible()
    await window.fill_in_sign_in(username, NEW_PASSWORD)
    await expect(window.heading("Tugas")).to_be_visible()
