"""The job the product is for: a village worker refers somebody, the receiver helps her."""

import asyncio
import re
import time

from playwright.async_api import expect

from tests.e2e import steps
from tests.e2e.people import Inventor
from tests.e2e.windows import DESK, PHONE, Window, Windows

STEP_MS = 2000
"""What a person may wait for a change in another window; the aim is 1000."""
VISIT = "Sudah dikunjungi bersama perangkat desa."


async def act(receiver: Window, verb: str) -> float:
    """Press a verb that asks nothing; returns when it was pressed."""
    button = receiver.page.get_by_role("button", name=verb, exact=True)
    await expect(button).to_be_enabled()
    pressed = time.perf_counter()
    await button.click()
    await expect(receiver.page.get_by_text(re.compile(f"Tersimpan:.*{verb}"))).to_be_visible()
    return pressed


async def test_a_referral_goes_from_a_phone_to_a_desk_and_back_without_reloading(
    windows: Windows, inventor: Inventor, figures: list[str]
) -> None:
    person = inventor.person()
    receiver = await windows.open(device=DESK)
    await receiver.go("/")
    await receiver.photograph("desk-01-sign-in")

    sender = await windows.open(device=PHONE)
    await sender.go("/")
    await sender.photograph("phone-01-sign-in")
    password = windows.password
    await sender.fill_in_sign_in("psm.sumberwuluh", password)
    await receiver.fill_in_sign_in("tksk.candipuro", password)
    await expect(sender.heading("Tugas")).to_be_visible()
    await receiver.is_live()
    await receiver.mark()
    await sender.photograph("phone-02-tugas")
    await receiver.photograph("desk-02-tugas")

    await sender.page.get_by_role("link", name="Daftar").click()
    await expect(sender.heading("Daftar")).to_be_visible()
    await sender.photograph("phone-03-daftar")
    await steps.fill_in_registration(sender, person)
    await sender.photograph("phone-04-daftar-filled")
    await sender.press("Daftarkan")
    await expect(sender.page.get_by_text(f"{person.name} sudah terdaftar.")).to_be_visible()
    await sender.photograph("phone-05-registered")

    await sender.page.get_by_role("link", name="Rujuk sekarang").click()
    await steps.fill_in_need(sender)
    await sender.photograph("phone-06-rujuk")
    await sender.press("Lihat akan sampai ke siapa")
    await expect(sender.heading("Periksa, lalu kirim")).to_be_visible()
    plan = sender.page.get_by_role("region", name="TKSK")
    await expect(plan.get_by_text("Diberi tahu", exact=True).first).to_be_visible()
    assert await plan.locator(".reasons li").count() >= 1
    await expect(plan.locator(".clocks li")).to_have_count(3)
    await sender.photograph("phone-07-plan")
    assert await receiver.card(person.name).count() == 0

    pressed = time.perf_counter()
    _, took = await asyncio.gather(
        steps.send(sender), steps.milliseconds_until(receiver.card(person.name), pressed)
    )
    figures.append(f"from pressing Kirim to the card in the receiver's open Tugas: {took:.0f} ms")
    assert took < STEP_MS
    await receiver.assert_never_reloaded()
    await sender.photograph("phone-08-sent")
    await receiver.photograph("desk-03-arrived")

    sent_list = await windows.second(sender)
    await sent_list.go("/terkirim")
    await sent_list.is_live()
    for window in (sender, sent_list):
        await window.mark()
    ledger = sender.page.get_by_role("region", name="Sampai di siapa")
    await expect(ledger.get_by_text("Sampai", exact=True).first).to_be_visible()
    pressed = time.perf_counter()
    await receiver.card(person.name).get_by_role("link").click()
    took = await steps.milliseconds_until(ledger.get_by_text("Dibuka", exact=True), pressed)
    figures.append(f"from opening it to Dibuka on the sender's page: {took:.0f} ms")
    assert took < STEP_MS
    await expect(sent_list.card(person.name).get_by_text("Dibuka")).to_be_visible()
    await sender.photograph("phone-09-opened")
    await receiver.photograph("desk-04-detail")

    history = sender.page.get_by_role("region", name="Riwayat")
    for number, (verb, status) in enumerate(
        (("Terima", "Diterima"), ("Mulai tangani", "Ditangani")), start=5
    ):
        pressed = await act(receiver, verb)
        took = await steps.milliseconds_until(history.get_by_text(f"{verb} oleh"), pressed)
        figures.append(f"from pressing {verb} to the sender's page: {took:.0f} ms")
        assert took < STEP_MS
        await expect(sender.page.locator("#fakta").get_by_text(status, exact=True)).to_be_visible()
        await expect(sent_list.card(person.name).get_by_text(status, exact=True)).to_be_visible()
        await receiver.photograph(f"desk-{number:02}-{status.lower()}")

    page = receiver.page
    await page.locator("summary", has_text="Tambah catatan").click()
    await page.get_by_label("Catatan", exact=True).fill(VISIT)
    await page.get_by_role("button", name="Tambah catatan").click()
    await expect(history.get_by_text(VISIT)).to_be_visible()
    await page.locator("summary", has_text="Selesaikan").click()
    await page.get_by_label("Hasil", exact=True).select_option(label="Kebutuhan terpenuhi")
    await receiver.photograph("desk-07-completing")
    await page.get_by_role("button", name="Selesaikan").click()
    await expect(history.get_by_text("Hasil: Kebutuhan terpenuhi")).to_be_visible()
    await expect(sent_list.card(person.name).get_by_text("Selesai", exact=True)).to_be_visible()
    await receiver.photograph("desk-08-completed")
    await sender.photograph("phone-10-completed")
    await sent_list.photograph("phone-11-terkirim")
    for window in (sender, sent_list):
        await window.assert_never_reloaded()

    await sender.go("/kabar")
    await expect(sender.card("selesai").first).to_be_visible()
    await sender.photograph("phone-12-kabar")


async def test_the_whole_job_works_without_scripts(windows: Windows, inventor: Inventor) -> None:
    person = inventor.person()
    sender = await windows.open(device=PHONE, scripts=False)
    await sender.go("/rujuk")
    await sender.fill_in_sign_in("psm.sumberwuluh", windows.password)
    await expect(sender.heading("Rujuk")).to_be_visible()
    await steps.refer(sender, person)
    await sender.photograph("no-scripts-01-sent")

    receiver = await windows.open("tksk.candipuro", DESK, scripts=False)
    await receiver.go("/tugas?milik=tersedia")
    await receiver.card(person.name).get_by_role("link").click()
    await act(receiver, "Terima")
    await act(receiver, "Mulai tangani")
    await receiver.page.locator("summary", has_text="Tambah catatan").click()
    await receiver.page.get_by_label("Catatan", exact=True).fill(VISIT)
    await receiver.press("Tambah catatan")
    await receiver.page.locator("summary", has_text="Selesaikan").click()
    await receiver.page.get_by_label("Hasil", exact=True).select_option("need_met")
    await receiver.press("Selesaikan")

    await sender.page.reload()
    await expect(sender.page.get_by_text(VISIT)).to_be_visible()
    await expect(sender.page.get_by_text("Hasil: Kebutuhan terpenuhi")).to_be_visible()
    await sender.go("/terkirim")
    await expect(sender.card(person.name).get_by_text("Selesai", exact=True)).to_be_visible()
    await sender.photograph("no-scripts-02-terkirim")
