"""The verbs that ask for something, each form drawn from what cases says it needs."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.async_api import expect

from tests.e2e import steps
from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.windows import DESK, PHONE, Window, Windows

Callers = Callable[[str], Caller]
SENDER, HOLDER, COORDINATOR = "psm.sumberwuluh", "tksk.candipuro", "koordinator.lumajang"


async def _sent(caller: Callers, inventor: Inventor) -> str:
    psm = caller(SENDER)
    return str((await psm.send(await psm.register(inventor.person())))["id"])


async def _open(window: Window, referral: str, verb: str) -> None:
    """Show a referral with the form of a verb unfolded."""
    await window.go(f"/rujukan/{referral}")
    await window.page.locator("summary", has_text=re.compile(f"^{verb}$")).click()


async def _is(window: Window, status: str) -> None:
    await expect(window.page.get_by_text("Tersimpan:")).to_be_visible()
    await expect(window.page.locator("#fakta .badge").first).to_have_text(status)


async def test_a_coordinator_assigns_and_the_holder_puts_it_off_and_goes_on(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    referral = await _sent(caller, inventor)
    coordinator = await windows.open(COORDINATOR, DESK)
    await _open(coordinator, referral, "Tugaskan")
    name = (await caller(HOLDER).get("directory", "/me"))["name"]
    ranked = coordinator.page.get_by_label("Petugas")
    # Each choice is a name with what speaks for it.
    found = ranked.locator("option").filter(has_text=name)
    await ranked.select_option(await found.get_attribute("value"))
    await coordinator.photograph("verbs-assign")
    await coordinator.press("Tugaskan")
    await _is(coordinator, "Diterima")
    history = coordinator.page.get_by_role("region", name="Riwayat")
    await expect(history.get_by_text(f"kepada {name}")).to_be_visible()

    holder = await windows.open(HOLDER, PHONE, scripts=False)
    holder.expect_answers(422)
    for until, status in ((timedelta(days=-1), None), (timedelta(days=3), "Ditunda")):
        await _open(holder, referral, "Tunda")
        await holder.page.get_by_label("Alasan menunda").fill("Menunggu keluarga datang.")
        moment = (datetime.now().astimezone() + until).strftime("%Y-%m-%dT%H:%M")
        await holder.page.get_by_label("Dilanjutkan pada").fill(moment)
        await holder.press("Tunda")
        if status is None:
            wrong = holder.page.locator(".verb .error")
            await expect(wrong).to_have_text("Waktu lanjut harus di masa depan.")
            await holder.photograph("verbs-hold-refused")
    await _is(holder, "Ditunda")
    await expect(holder.page.get_by_text("Waktu berhenti selama")).to_be_visible()
    await holder.photograph("verbs-on-hold")
    await holder.press("Lanjutkan")
    await _is(holder, "Ditangani")


async def test_a_sender_sends_elsewhere_and_finds_what_took_its_place(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    referral = await _sent(caller, inventor)
    sender = await windows.open(SENDER, PHONE)
    sender.expect_answers(422)
    await _open(sender, referral, "Alihkan")
    await sender.press("Alihkan")
    await expect(sender.page.locator(".verb .error")).to_have_text("Tujuan baru wajib diisi.")
    await sender.page.get_by_label("Pilar").select_option("PENSOSMAS")
    await sender.page.get_by_label("Wilayah").select_option("35.08.03.2005")
    await sender.photograph("verbs-reroute")
    await sender.press("Alihkan")
    await _is(sender, "Dialihkan")
    await sender.page.get_by_role("link", name="Buka rujukan penggantinya").click()
    assert steps.referral_shown(sender) != referral
    await expect(sender.page.locator("#fakta")).to_contain_text("Pensosmas")
    await sender.page.get_by_role("link", name="Rujukan yang dialihkan ke sini").click()
    assert steps.referral_shown(sender) == referral


async def test_a_sender_takes_back_and_calls_off(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    sender = await windows.open(SENDER, PHONE, scripts=False)
    for verb, reason, status in (
        ("Tarik kembali", "Alasan menarik", "Ditarik"),
        ("Batalkan", "Alasan membatalkan", "Dibatalkan"),
    ):
        await _open(sender, await _sent(caller, inventor), verb)
        await sender.page.get_by_label(reason).fill("Sudah dibantu keluarga.")
        await sender.press(verb)
        await _is(sender, status)
        history = sender.page.get_by_role("region", name="Riwayat")
        await expect(history.get_by_text("Sudah dibantu keluarga.")).to_be_visible()
