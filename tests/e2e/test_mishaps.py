"""What goes wrong in a worker's day: pressed twice, forgotten, too late, not theirs."""

import re
from collections.abc import Callable

import httpx2
from playwright.async_api import expect

from tests.e2e import steps
from tests.e2e.callers import Caller
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.e2e.windows import COOKIE, DESK, PHONE, Window, Windows

Callers = Callable[[str], Caller]


async def _sent_for(window: Window, name: str) -> int:
    await window.go("/terkirim")
    await expect(window.heading("Terkirim")).to_be_visible()
    return await window.card(name).count()


async def test_pressing_send_twice_sends_once(windows: Windows, inventor: Inventor) -> None:
    for scripts in (True, False):
        person = inventor.person()
        window = await windows.open("psm.sumberwuluh", PHONE, scripts=scripts)
        await steps.register(window, person)
        await steps.plan(window)
        await window.page.get_by_role("button", name="Kirim rujukan").dblclick()
        await expect(window.page.get_by_text("Tersimpan:")).to_be_visible()
        assert await _sent_for(window, person.name) == 1


async def test_the_same_form_sent_again_later_has_effect_once(
    windows: Windows, inventor: Inventor, installation: Installation
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh", PHONE)
    await steps.register(window, person)
    await steps.plan(window)
    fields = await window.page.eval_on_selector(
        "form.send", "form => Object.fromEntries(new FormData(form))"
    )
    first = await steps.send(window)
    portal = installation.portal
    (cookie,) = [one for one in await window.page.context.cookies() if one["name"] == COOKIE]
    async with httpx2.AsyncClient(
        base_url=portal,
        headers={"Origin": portal},
        cookies={COOKIE: cookie["value"]},
        trust_env=False,
    ) as browser:
        again = await browser.post("/rujuk", data={**fields, "_step": "kirim"})
        assert again.status_code == 303
        assert first in again.headers["location"]
        changed = await browser.post("/rujuk", data={**fields, "_step": "kirim", "need": "Lain."})
        assert changed.status_code == 422
        assert "sudah diterima" in changed.text
    assert await _sent_for(window, person.name) == 1


async def test_going_back_and_registering_again_finds_the_first(
    windows: Windows, inventor: Inventor
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh", PHONE)
    window.expect_answers(409)
    await steps.register(window, person)
    await window.page.go_back()
    await steps.fill_in_registration(window, person)
    await window.press("Daftarkan")
    await expect(window.page.get_by_text("Mungkin sudah terdaftar")).to_be_visible()
    await expect(window.page.get_by_text("NIK sama persis")).to_be_visible()
    await window.photograph("same-nik")
    async with window.page.expect_popup() as opened:
        await window.page.get_by_role("link", name="Buka").click()
    there = await opened.value
    await expect(there.get_by_role("heading", level=1, name=person.name)).to_be_visible()
    await expect(window.page.get_by_label("Nama", exact=True)).to_have_value(person.name)


async def test_a_wrong_password_is_told_in_a_sentence(windows: Windows) -> None:
    window = await windows.open()
    window.expect_answers(401)
    await window.go("/masuk")
    await window.fill_in_sign_in("psm.tambahrejo", "salah-sama-sekali")
    sentence = re.compile("salah", re.IGNORECASE)
    await expect(window.page.get_by_role("alert").get_by_role("strong")).to_have_text(sentence)
    await expect(window.page.get_by_text(sentence)).to_have_count(1)
    await expect(window.page.get_by_label("Nama pengguna")).to_have_value("psm.tambahrejo")
    await expect(window.page.get_by_label("Kata sandi")).to_have_value("")
    await window.photograph("wrong-password")
    await window.fill_in_sign_in("psm.tambahrejo", windows.password)
    await expect(window.heading("Tugas")).to_be_visible()


async def test_a_session_that_ended_leads_to_sign_in_and_back(windows: Windows) -> None:
    window = await windows.open("psm.sumberwuluh")
    # The open page may ask for news at that moment.
    window.expect_answers(401)
    await window.go("/terkirim")
    await window.page.context.clear_cookies()
    await window.go("/terkirim?status=returned")
    assert window.path() == "/masuk"
    await window.fill_in_sign_in("psm.sumberwuluh", windows.password)
    await expect(window.heading("Terkirim")).to_be_visible()
    assert window.page.url.endswith("/terkirim?status=returned")


async def test_a_session_that_ended_under_a_form_keeps_what_was_typed(
    windows: Windows, inventor: Inventor
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh")
    window.expect_answers(401)
    await window.go("/daftar")
    await steps.fill_in_registration(window, person)
    await window.page.context.clear_cookies()
    await window.press("Daftarkan")
    await expect(window.page.get_by_text("Sesi Anda sudah berakhir.")).to_be_visible()
    await window.photograph("session-ended")
    await window.fill_in_sign_in("psm.sumberwuluh", windows.password)
    await window.press("Lanjutkan")
    await expect(window.heading(person.name)).to_be_visible()


async def test_somebody_elses_referral_is_a_friendly_not_found(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    psm = caller("psm.sumberwuluh")
    person = inventor.person()
    beneficiary = await psm.register(person)
    referral = (await psm.send(beneficiary))["id"]
    window = await windows.open("psm.jarit", DESK)
    window.expect_answers(404)
    for address in (f"/rujukan/{referral}", f"/warga/{beneficiary}", f"/rujuk?warga={beneficiary}"):
        assert await window.go(address) == 404
        await expect(window.heading("Tidak ditemukan")).to_be_visible()
        assert person.name not in await window.page.content()
    await window.photograph("not-found")
    await window.page.get_by_role("link", name="Ke halaman awal").click()
    await expect(window.heading("Tugas")).to_be_visible()


async def test_a_required_answer_left_out_is_asked_for_and_the_rest_kept(
    windows: Windows, inventor: Inventor
) -> None:
    person = inventor.person()
    window = await windows.open("psm.sumberwuluh", scripts=False)
    window.expect_answers(422)
    await window.go("/daftar")
    await steps.fill_in_registration(window, person)
    await window.page.get_by_label("Lanjut Usia Telantar").uncheck()
    await window.press("Daftarkan")
    await expect(window.page.get_by_text("Periksa isian yang ditandai")).to_be_visible()
    await expect(window.page.get_by_label("Nama", exact=True)).to_have_value(person.name)
    await window.photograph("left-out")
