"""Outside services: Dinsos keeps the list, a village worker refers to one and prints the letter."""

import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
from playwright.async_api import expect

from tests.conftest import CANDIPURO, SUMBERWULUH
from tests.e2e import steps
from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.windows import DESK, PHONE, SCREENSHOTS, Window, Windows


async def keep(window: Window, name: str) -> None:
    """Put a Puskesmas of Candipuro on the list."""
    page = window.page
    await window.go("/layanan")
    await page.get_by_label("Nama layanan").fill(name)
    await page.get_by_label("Jenis").select_option("PUSKESMAS")
    await page.get_by_label("Wilayah layanan").select_option(CANDIPURO)
    await page.get_by_label(re.compile("^Telepon")).fill("(0334) 571001")
    await page.get_by_label(re.compile("^Alamat")).fill("Jl. Raya Candipuro No. 12")
    await window.press("Tambahkan")
    await expect(page.get_by_text("Tersimpan.")).to_be_visible()


async def letter_on(window: Window, name: str) -> tuple[Path, str]:
    """The letter the page offers, kept beside the screenshots, and its text."""
    async with window.page.expect_download() as saving:
        await window.page.get_by_role("link", name="Cetak surat rujukan").click()
    saved = SCREENSHOTS / f"{name}.pdf"
    await (await saving.value).save_as(saved)
    with pikepdf.open(saved) as document:
        assert len(document.pages) == 1
        content = document.pages[0].Contents.read_bytes()
    drawn = re.findall(rb"\(((?:\\.|[^)\\])*)\) Tj", content)
    return saved, b"\n".join(drawn).replace(b"\\(", b"(").replace(b"\\)", b")").decode("latin-1")


async def test_a_referral_to_a_puskesmas_is_sent_printed_and_kept_by_its_sender(
    windows: Windows, inventor: Inventor
) -> None:
    office = await windows.open("dinsos.lumajang", DESK)
    await keep(office, "Puskesmas Candipuro")
    await office.photograph("outside-desk-list")
    narrow = await windows.open("dinsos.lumajang", PHONE)
    await narrow.go("/layanan")
    await narrow.photograph("outside-phone-list")

    person = inventor.person()
    sender = await windows.open("psm.sumberwuluh", PHONE)
    page = sender.page
    await steps.register(sender, person)
    await page.get_by_role("link", name="Rujuk sekarang").click()
    await steps.fill_in_need(sender)
    await page.get_by_label("Kirim ke pilar tertentu").select_option("")
    await page.get_by_label("Rujuk ke layanan luar").select_option(label="Puskesmas Candipuro")
    await page.get_by_label("Rujuk ke layanan luar").scroll_into_view_if_needed()
    await sender.photograph("outside-phone-choose")
    await sender.press("Lihat akan sampai ke siapa")
    await expect(page.get_by_role("heading", name="Puskesmas Candipuro")).to_be_visible()
    await sender.photograph("outside-phone-plan")
    await steps.send(sender)
    await expect(page.locator("#fakta")).to_contain_text("Puskesmas Candipuro, (0334) 571001")
    await sender.photograph("outside-phone-sent")
    _, said = await letter_on(sender, "outside-letter")
    for words in (person.name, "Puskesmas Candipuro", steps.NEED, "Nomor: RJ-35.08-"):
        assert words in said, said

    # The sender writes down what the Puskesmas did.
    for verb in ("Terima", "Mulai tangani"):
        await sender.press(verb)
    await page.get_by_text("Selesaikan", exact=True).first.click()
    form = page.locator("form[action$='/complete']")
    await form.get_by_label("Hasil", exact=True).select_option("need_met")
    async with page.expect_navigation():
        await form.get_by_role("button", name="Selesaikan").click()
    await expect(page.locator("#fakta .badge", has_text="Selesai")).to_be_visible()


async def test_the_letter_of_a_special_services_referral_says_initials_alone(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    dinsos, psm = caller("dinsos.lumajang"), caller("psm.sumberwuluh")
    service = await dinsos.post(
        "cases",
        "/outside-services",
        {"kind": "UPTD_PPA", "area": "35.08", "name": "UPTD PPA Lumajang"},
        status=201,
    )
    person = inventor.person()
    sent = await psm.send(
        await psm.register(person),
        situation="SEXUAL_VIOLENCE",
        legal_basis="vital_interest",
        need="Korban kekerasan seksual.",
        area=SUMBERWULUH,
        target={"service": service["id"]},
    )
    sender = await windows.open("psm.sumberwuluh", PHONE)
    await sender.go(f"/rujukan/{sent['id']}")
    _, said = await letter_on(sender, "outside-letter-special")
    first, last = person.name.split()
    assert f"{first[0]}. {last[0]}." in said
    for words in (first, last, "kekerasan", "Kekerasan", "Korban", "Lanjut Usia"):
        assert words not in said, said


async def test_only_dinsos_finds_the_list_in_the_navigation(windows: Windows) -> None:
    worker = await windows.open("psm.sumberwuluh", DESK)
    await worker.go("/tugas")
    await expect(worker.page.get_by_role("link", name="Layanan luar")).to_have_count(0)
    office = await windows.open("dinsos.lumajang", DESK)
    await office.go("/tugas")
    await expect(office.page.get_by_role("link", name="Layanan luar")).to_be_visible()
