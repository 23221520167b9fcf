"""The browser's own Back and Reload: never a question whether to send a form again."""

import re
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from tests.e2e import steps
from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.windows import PHONE, Window, Windows

PLAN = "Periksa, lalu kirim"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


async def _back(window: Window) -> None:
    """Press Back; a page that would be sent again fails to load, and fails the test."""
    await window.page.go_back()
    assert window.page.url.startswith("http://127.0.0.1"), window.page.url


@SCRIPTS
async def test_back_after_sending_shows_the_plan_and_sending_it_again_has_no_effect(
    windows: Windows, inventor: Inventor, *, scripts: bool
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh", PHONE, scripts=scripts)
    await steps.register(window, person)
    await steps.plan(window)
    for word in (person.name.split()[0], "makan", "NEGLECT"):
        assert word not in window.page.url
    await window.page.reload()
    await expect(window.heading(PLAN)).to_be_visible()
    sent = await steps.send(window)

    await _back(window)
    await expect(window.heading(PLAN)).to_be_visible()
    await expect(window.page.get_by_role("region", name="TKSK")).to_be_visible()
    assert await steps.send(window) == sent
    await _back(window)
    await _back(window)
    await expect(window.heading("Rujuk")).to_be_visible()
    await window.page.go_forward()
    await expect(window.heading(PLAN)).to_be_visible()
    await window.go("/terkirim")
    await expect(window.card(person.name)).to_have_count(1)


@SCRIPTS
async def test_the_plan_can_be_changed_and_gone_back_to_as_it_was(
    windows: Windows, inventor: Inventor, *, scripts: bool
) -> None:
    window = await windows.open("psm.sumberwuluh", PHONE, scripts=scripts)
    await steps.register(window, inventor.person())
    await steps.plan(window)
    await window.press("Ubah isian")
    await expect(window.page.get_by_label("Apa yang dibutuhkan")).to_have_value(steps.NEED)
    await window.page.get_by_label("Keadaan").select_option("HOMELESS")
    await window.press("Lihat akan sampai ke siapa")
    await expect(window.heading(PLAN)).to_be_visible()
    await expect(window.page.locator(".who")).to_contain_text("Tanpa tempat tinggal")
    await _back(window)
    await expect(window.page.get_by_label("Apa yang dibutuhkan")).to_have_value(steps.NEED)
    await _back(window)
    await expect(window.heading(PLAN)).to_be_visible()
    await expect(window.page.locator(".who")).to_contain_text("Penelantaran")


@SCRIPTS
async def test_back_from_a_person_shows_who_was_found(
    windows: Windows, inventor: Inventor, *, scripts: bool
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh", PHONE, scripts=scripts)
    await steps.register(window, person)
    for address, heading in (("/warga", "Warga"), ("/rujuk", "Rujuk")):
        await window.go(address)
        await window.page.get_by_label("Nama atau NIK").fill(person.nik)
        await window.press("Cari")
        await window.page.locator("#hasil").get_by_role("link", name=person.name).first.click()
        await expect(window.heading(person.name)).to_be_visible()
        await _back(window)
        await expect(window.heading(heading)).to_be_visible()
        await expect(window.page.locator("#hasil strong")).to_have_text(person.name)
        assert person.nik not in window.page.url


async def test_back_over_a_refused_form_shows_the_form(
    windows: Windows, inventor: Inventor
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh", PHONE)
    window.expect_answers(422)
    await window.go("/daftar")
    await steps.fill_in_registration(window, person)
    await window.page.get_by_label("Nama", exact=True).evaluate("one => one.value = ' '")
    await window.press("Daftarkan")
    await expect(window.page.get_by_role("alert").get_by_text("Isi nama.")).to_be_visible()
    await window.page.get_by_label("Nama", exact=True).fill(person.name)
    await window.press("Daftarkan")
    await expect(window.heading(person.name)).to_be_visible()
    await _back(window)
    await expect(window.heading("Daftar")).to_be_visible()
    await expect(window.page.get_by_role("alert")).to_have_count(0)


async def test_back_over_a_wrong_password_shows_the_sign_in_page(windows: Windows) -> None:
    window = await windows.open()
    window.expect_answers(401)
    await window.go("/masuk")
    await window.fill_in_sign_in("psm.jarit", "salah-sama-sekali")
    await expect(window.page.get_by_role("alert")).to_be_visible()
    await window.fill_in_sign_in("psm.jarit", windows.password)
    await expect(window.heading("Tugas")).to_be_visible()
    await _back(window)
    await expect(window.page.get_by_label("Nama pengguna")).to_be_visible()
    await expect(window.page.get_by_role("alert")).to_have_count(0)


@SCRIPTS
async def test_back_after_a_verb_shows_the_referral(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor, *, scripts: bool
) -> None:
    psm = caller("psm.sumberwuluh")
    person = inventor.person()
    referral = (await psm.send(await psm.register(person)))["id"]
    window = await windows.open("tksk.candipuro", PHONE, scripts=scripts)
    await window.go(f"/rujukan/{referral}")
    for verb in ("Terima", "Mulai tangani"):
        await window.press(verb)
        await expect(window.page.get_by_text(re.compile(f"Tersimpan:.*{verb}"))).to_be_visible()
    for _ in range(2):
        await _back(window)
        await expect(window.heading(person.name)).to_be_visible()
        await expect(window.page.locator("#fakta .badge", has_text="Ditangani")).to_be_visible()
    history = (await psm.get("cases", f"/referrals/{referral}"))["history"]
    assert [step["verb"] for step in history].count("accept") == 1


async def test_back_after_a_resumed_form_shows_that_it_can_be_resumed(
    windows: Windows, inventor: Inventor
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh")
    window.expect_answers(401)
    await window.go("/daftar")
    await steps.fill_in_registration(window, person)
    await window.page.context.clear_cookies()
    await window.press("Daftarkan")
    await window.fill_in_sign_in("psm.sumberwuluh", windows.password)
    await expect(window.page.get_by_text("Anda sudah masuk kembali.")).to_be_visible()
    assert window.path().startswith("/lanjutkan/")
    await window.press("Lanjutkan")
    await expect(window.heading(person.name)).to_be_visible()
    await _back(window)
    await expect(window.page.get_by_text("Anda sudah masuk kembali.")).to_be_visible()
    await window.press("Lanjutkan")
    await expect(window.heading(person.name)).to_be_visible()
    await _back(window)
    await _back(window)
    await expect(window.heading("Daftar")).to_be_visible()
