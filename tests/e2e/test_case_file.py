"""A case with several legs, its phases and its end; and an emergency look at a closed one."""

from collections.abc import Callable

import pytest
from playwright.async_api import expect

from tests.conftest import SUMBERWULUH
from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.steps import fill_in_need, refer, register, send
from tests.e2e.windows import DESK, PHONE, Windows

Callers = Callable[[str], Caller]


async def test_a_flood_family_gets_several_pillars_at_once_and_one_after(
    windows: Windows, inventor: Inventor, caller: Callers
) -> None:
    window = await windows.open("psm.sumberwuluh")
    page = window.page
    await register(window, inventor.person())
    await page.get_by_role("link", name="Rujuk sekarang").click()
    await page.get_by_label("Kategori").select_option("KBA")
    await page.get_by_label("Keadaan").select_option("NATURAL_DISASTER")
    await page.get_by_label("Apa yang dibutuhkan").fill("Rumah terendam, butuh tempat mengungsi.")
    await page.get_by_label("Dasar perujukan").select_option("public_task")
    await window.press("Lihat akan sampai ke siapa")
    # In an emergency help beside is asked for at once, unless the sender says it can wait.
    await expect(page.get_by_label("TKSK", exact=True)).to_have_value("TKSK|now")
    await page.get_by_label("Karang Taruna").select_option("KARANG_TARUNA|after")
    await window.photograph("plan-with-legs")
    await window.press("Kirim rujukan")
    await expect(page.get_by_text("Tersimpan:")).to_be_visible()
    await page.locator(".back a[href^='/kasus/']").click()
    cards = page.locator(".cards > li")
    await expect(cards.filter(has_text="Tagana")).to_have_count(1)
    assert await cards.count() >= 3
    await expect(page.get_by_text("dikirim setelah rujukan pertama selesai")).to_be_visible()
    await window.photograph("case-with-legs-phone")
    desk = await windows.open("psm.sumberwuluh", DESK)
    await desk.go(window.path())
    await desk.photograph("case-with-legs-desk")

    await page.get_by_text("Tutup kasus").first.click()
    await page.get_by_label("Hasil").select_option("need_met")
    window.expect_answers(409)
    await window.press("Tutup kasus")
    await expect(page.get_by_role("alert")).to_contain_text("Masih ada rujukan")

    await page.get_by_text("Pindah tahap").first.click()
    await page.get_by_label("Tahap", exact=True).select_option("intervention")
    await window.press("Pindah tahap")
    await expect(page.locator(".phases [aria-current=step]")).to_have_text("Intervensi")

    case = await caller("psm.sumberwuluh").get("cases", window.path().replace("/kasus", "/cases"))
    (primary,) = [leg for leg in case["legs"] if leg["pillar"] == "TAGANA"]
    tagana = caller("tagana.lumajang")
    await tagana.act(primary["referral_id"], "accept")
    await tagana.act(primary["referral_id"], "complete", outcome="need_met")
    await window.go(window.path())
    await expect(page.get_by_text("dikirim setelah rujukan pertama selesai")).to_have_count(0)
    await expect(cards.filter(has_text="Karang Taruna")).to_have_count(1)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_dinsos_breaks_the_glass_and_the_officer_is_told(
    device: dict[str, object], windows: Windows, inventor: Inventor, caller: Callers
) -> None:
    name = "phone" if device is PHONE else "desk"
    psm = caller("psm.sumberwuluh")
    secret = "Dipukul tetangga, takut pulang."
    sent = await psm.send(
        await psm.register(inventor.person()),
        category="KTK",
        situation="VIOLENCE",
        area=SUMBERWULUH,
        need=secret,
        target={},
    )
    window = await windows.open("dinsos.lumajang", device)
    page = window.page
    window.expect_answers(404)
    await window.go(f"/rujukan/{sent['id']}")
    await expect(page.get_by_text(secret)).to_have_count(0)
    await window.go("/darurat")
    await page.get_by_label("Nomor kasus").fill(sent["case"]["number"])
    await page.get_by_label("Mengapa tidak dapat menunggu").fill("Korban tidak dapat dihubungi.")
    await window.photograph(f"glass-{name}")
    await window.press("Buka selama tiga jam")
    await expect(page.get_by_text(secret)).to_be_visible()
    await window.photograph(f"glass-broken-{name}")

    officer = await windows.open("ppdp.lumajang", DESK)
    await officer.go("/kabar")
    told = officer.page.get_by_text("dibuka secara darurat").first
    await expect(told).to_be_visible()
    await expect(officer.page.get_by_text(secret)).to_have_count(0)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_six_questions_are_answered_on_one_page(
    device: dict[str, object], windows: Windows
) -> None:
    window = await windows.open("tksk.candipuro", device)
    await window.go("/bantuan")
    await expect(window.page.get_by_role("heading", level=2)).to_have_count(6)
    await window.photograph("guide-phone" if device is PHONE else "guide-desk")


async def test_a_closed_case_is_taken_up_again_and_gets_another_referral(
    windows: Windows, inventor: Inventor, caller: Callers
) -> None:
    window = await windows.open("psm.sumberwuluh", PHONE)
    referral = await refer(window, inventor.person())
    tksk = caller("tksk.candipuro")
    for verb, body in (("accept", {}), ("start", {}), ("complete", {"outcome": "need_met"})):
        await tksk.post("cases", f"/referrals/{referral}/{verb}", body)
    case = (await tksk.get("cases", f"/referrals/{referral}"))["case"]["id"]
    page = window.page
    await window.go(f"/kasus/{case}")
    await page.get_by_text("Buka kembali").first.click()
    await page.get_by_label("Alasan").fill("Keadaannya memburuk lagi.")
    await window.press("Buka kembali")
    await page.get_by_role("link", name="Rujuk lagi dalam kasus ini").click()
    await expect(page.get_by_text("Rujukan ini masuk ke")).to_be_visible()
    await window.photograph("phone-case-again")
    await fill_in_need(window)
    await window.press("Lihat akan sampai ke siapa")
    second = await send(window)
    await window.go(f"/kasus/{case}")
    await expect(page.locator(".cards > li")).to_have_count(2)
    await window.photograph("phone-case-of-two")
    assert (await tksk.get("cases", f"/referrals/{second}"))["case"]["id"] == case
