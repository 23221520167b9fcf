"""The job the product is for: a village worker refers somebody, the receiver helps her."""

import re

from playwright.async_api import Locator, expect

from tests.e2e import steps
from tests.e2e.people import Inventor, Person
from tests.e2e.windows import DESK, PHONE, Window, Windows

STEP_MS = 2000
"""What a person may wait for a change in another window; the aim is 1000."""
VISIT = "Sudah dikunjungi bersama perangkat desa."


async def test_a_referral_goes_from_a_phone_to_a_desk_and_back_without_reloading(
    windows: Windows, inventor: Inventor, figures: list[str]
) -> None:
    person = inventor.person()
    sender, receiver = await windows.open(device=PHONE), await windows.open(device=DESK)
    for window, username, name in (
        (sender, "psm.sumberwuluh", "phone"),
        (receiver, "tksk.candipuro", "desk"),
    ):
        await window.go("/")
        await window.photograph(f"{name}-01-sign-in")
        await window.fill_in_sign_in(username, windows.password)
        await window.is_live()
        await window.mark()
        await window.photograph(f"{name}-02-tugas")

    await _register(sender, person)
    await _plan(sender)
    assert await receiver.card(person.name).count() == 0
    took = await steps.milliseconds_until(receiver, ".cards > li", person.name, steps.send(sender))
    _note(figures, "from pressing Kirim to the card in the receiver's open Tugas", took)
    await receiver.assert_never_reloaded()
    await sender.photograph("phone-08-sent")
    await receiver.photograph("desk-03-arrived")

    sent_list = await windows.second(sender)
    await sent_list.go("/terkirim")
    await sent_list.is_live()
    for window in (sender, sent_list):
        await window.mark()
    await _open(receiver, sender, person, figures)
    await expect(sent_list.card(person.name).get_by_text("Dibuka")).to_be_visible()
    for verb, status in (("Terima", "Diterima"), ("Mulai tangani", "Ditangani")):
        took = await steps.milliseconds_until(
            sender, "#riwayat .history", f"{verb} oleh", _act(receiver, verb)
        )
        _note(figures, f"from pressing {verb} to the sender's page", took)
        await expect(sender.page.locator("#fakta .badge", has_text=status)).to_be_visible()
        await expect(sent_list.card(person.name).get_by_text(status, exact=True)).to_be_visible()
        await receiver.photograph(f"desk-05-{status.lower()}")
    await _write_down(receiver)
    await expect(_history(sender).get_by_text(VISIT)).to_be_visible()
    await _complete(receiver)
    await expect(_history(sender).get_by_text("Hasil: Kebutuhan terpenuhi")).to_be_visible()
    await expect(sent_list.card(person.name).get_by_text("Selesai", exact=True)).to_be_visible()
    await receiver.photograph("desk-07-completed")
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
    await _act(receiver, "Terima")
    await _act(receiver, "Mulai tangani")
    await _write_down(receiver)
    await _complete(receiver)

    await sender.page.reload()
    await expect(_history(sender).get_by_text(VISIT)).to_be_visible()
    await expect(_history(sender).get_by_text("Hasil: Kebutuhan terpenuhi")).to_be_visible()
    await sender.go("/terkirim")
    await expect(sender.card(person.name).get_by_text("Selesai", exact=True)).to_be_visible()
    await sender.photograph("no-scripts-02-terkirim")


async def _register(sender: Window, person: Person) -> None:
    await sender.page.get_by_role("link", name="Daftar").click()
    await expect(sender.heading("Daftar")).to_be_visible()
    await sender.photograph("phone-03-daftar")
    await steps.fill_in_registration(sender, person)
    await sender.photograph("phone-04-daftar-filled")
    await sender.press("Daftarkan")
    await expect(sender.page.get_by_text(f"{person.name} berhasil didaftarkan.")).to_be_visible()
    await sender.photograph("phone-05-registered")


async def _plan(sender: Window) -> None:
    await sender.page.get_by_role("link", name="Rujuk sekarang").click()
    await steps.fill_in_need(sender)
    await sender.photograph("phone-06-rujuk")
    await sender.press("Lihat akan sampai ke siapa")
    await expect(sender.heading("Periksa, lalu kirim")).to_be_visible()
    plan = sender.page.get_by_role("region", name="TKSK")
    await expect(plan.get_by_text("Diberi tahu", exact=True).first).to_be_visible()
    await expect(plan.locator(".reasons li").first).to_be_visible()
    await expect(plan.locator(".clocks li")).to_have_count(3)
    await sender.photograph("phone-07-plan")


async def _open(receiver: Window, sender: Window, person: Person, figures: list[str]) -> None:
    ledger = sender.page.get_by_role("region", name="Sampai di siapa")
    await expect(ledger.get_by_text("Sampai", exact=True).first).to_be_visible()
    opening = receiver.card(person.name).get_by_role("link").click()
    took = await steps.milliseconds_until(sender, "#riwayat .ledger .badge", "Dibuka", opening)
    _note(figures, "from opening it to Dibuka on the sender's page", took)
    await sender.photograph("phone-09-opened")
    await receiver.photograph("desk-04-detail")


async def _act(receiver: Window, verb: str) -> None:
    """Press a verb that asks nothing."""
    await receiver.press(verb)
    await expect(receiver.page.get_by_text(re.compile(f"Tersimpan:.*{verb}"))).to_be_visible()


async def _write_down(receiver: Window) -> None:
    await receiver.page.locator("summary", has_text="Tambah catatan").click()
    await receiver.page.get_by_label("Catatan", exact=True).fill(VISIT)
    await receiver.press("Tambah catatan")
    await expect(_history(receiver).get_by_text(VISIT)).to_be_visible()


async def _complete(receiver: Window) -> None:
    await receiver.page.locator("summary", has_text="Selesaikan").click()
    await receiver.page.get_by_label("Hasil", exact=True).select_option("need_met")
    await receiver.photograph("desk-06-completing")
    await receiver.press("Selesaikan")
    await expect(receiver.page.locator("#fakta .badge", has_text="Selesai")).to_be_visible()


def _history(window: Window) -> Locator:
    return window.page.get_by_role("region", name="Riwayat")


def _note(figures: list[str], what: str, milliseconds: float) -> None:
    figures.append(f"{what}: {milliseconds:.0f} ms")
    assert milliseconds < STEP_MS, what
