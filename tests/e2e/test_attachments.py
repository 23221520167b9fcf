"""Photos and letters that go with notes, as the two sides of a referral see them."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Locator, expect

from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.windows import DESK, PHONE, Window, Windows

WORDS = "Atap rumahnya runtuh, lihat foto."


def photo(name: str = "atap.jpg") -> FilePayload:
    """A house under a broken roof, as a phone takes it: with the place where it was taken."""
    picture = Image.new("RGB", (1600, 1200), (176, 208, 232))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((400, 600, 1200, 1100), fill=(196, 164, 120))
    draw.polygon(((350, 600), (800, 250), (900, 420), (1250, 600)), fill=(140, 60, 40))
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (8.0, 7.0, 30.0)
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif.tobytes())
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def letter() -> FilePayload:
    out = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(out, "PDF")
    return {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": out.getvalue()}


async def held(caller: Callable[[str], Caller], inventor: Inventor, **changes: object) -> str:
    """A referral that the TKSK of the kecamatan holds."""
    psm, tksk = caller("psm.sumberwuluh"), caller("tksk.candipuro")
    sent = await psm.send(await psm.register(inventor.person()), **changes)
    await tksk.act(sent["id"], "accept")
    return str(sent["id"])


async def note(window: Window, referral: str, *files: FilePayload, words: str = WORDS) -> None:
    """Open the referral, write a note and send it with these files."""
    await window.go(f"/rujukan/{referral}")
    form = form_in(window)
    await window.page.get_by_text("Tambah catatan", exact=True).first.click()
    await form.get_by_label("Catatan").fill(words)
    await form.locator("input[type=file]").set_input_files(list(files))


async def send(window: Window) -> None:
    async with window.page.expect_navigation():
        await form_in(window).get_by_role("button", name="Tambah catatan").click()


def form_in(window: Window) -> Locator:
    return window.page.locator("form[action$='/note']")


async def test_a_photo_sent_from_a_phone_is_seen_by_the_other_side_at_the_desk(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    referral = await held(caller, inventor)
    phone = await windows.open("tksk.candipuro", PHONE)
    await note(phone, referral, photo(), letter())
    await form_in(phone).locator("input[type=file]").scroll_into_view_if_needed()
    await phone.photograph("attachments-phone-form")
    await send(phone)
    await expect(phone.page.get_by_text("Tersimpan:")).to_be_visible()
    desk = await windows.open("psm.sumberwuluh", DESK)
    await desk.go(f"/rujukan/{referral}")
    for window, name in ((desk, "desk"), (phone, "phone")):
        step = window.page.locator(".history > li").filter(has_text=WORDS)
        shown = step.get_by_role("img", name="Foto 1 pada catatan ini")
        await shown.scroll_into_view_if_needed()
        await expect(shown).to_have_js_property("naturalWidth", 320)
        await window.photograph(f"attachments-{name}-history")
    step = desk.page.locator(".history > li").filter(has_text=WORDS)
    address = await step.get_by_role("img").locator("..").get_attribute("href")
    assert address is not None
    got = await desk.page.request.get(desk.page.url.partition("/rujukan")[0] + address)
    assert got.headers["cache-control"] == "private, no-store"
    whole = Image.open(io.BytesIO(await got.body()))
    assert (whole.size, dict(whole.getexif())) == ((1600, 1200), {})
    async with desk.page.expect_download() as saving:
        await step.get_by_role("link", name="Unduh PDF").click()
    assert (await saving.value).suggested_filename.endswith(".pdf")
    # Somebody of another kecamatan gets nothing by the address alone.
    far = await windows.open("tksk.pronojiwo")
    far.expect_answers(404)
    assert await far.go(address) == 404


async def test_without_scripts_an_unfit_file_is_told_and_the_fit_one_is_kept(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    referral = await held(caller, inventor)
    window = await windows.open("tksk.candipuro", PHONE, scripts=False)
    window.expect_answers(422)
    bad: FilePayload = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": b"<html>halo"}
    await note(window, referral, photo(), bad)
    await send(window)
    await expect(window.page.get_by_role("alert")).to_contain_text(
        "foto.jpg: Isi berkas tidak sesuai dengan namanya."
    )
    await expect(form_in(window).get_by_text("1 berkas sudah terunggah.")).to_be_visible()
    await window.photograph("attachments-refused")
    await send(window)
    step = window.page.locator(".history > li").filter(has_text=WORDS)
    await expect(step.get_by_role("img")).to_have_count(1)


async def test_a_photo_of_a_special_services_referral_is_never_shown_in_a_list(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    referral = await held(
        caller, inventor, situation="SEXUAL_VIOLENCE", legal_basis="vital_interest", target={}
    )
    holder = await windows.open("tksk.candipuro", PHONE)
    await note(holder, referral, photo(), words="Hanya untuk tim.")
    await send(holder)
    step = holder.page.locator(".history > li").filter(has_text="Hanya untuk tim.")
    await expect(step.get_by_role("img")).to_have_count(0)
    link = step.get_by_role("link", name="Buka foto")
    await link.scroll_into_view_if_needed()
    await holder.photograph("attachments-special")
    address = await link.get_attribute("href")
    assert address is not None
    origin = holder.page.url.partition("/rujukan")[0]
    assert (await holder.page.request.get(origin + address)).ok
    assert (await holder.page.request.get(f"{origin}{address}/kecil")).status == 404
    reporter = await windows.open("psm.sumberwuluh", DESK)
    reporter.expect_answers(404)
    await reporter.go(f"/rujukan/{referral}")
    await expect(reporter.page.get_by_text("Hanya untuk tim.")).to_have_count(0)
    await expect(reporter.page.locator(".files")).to_have_count(0)
    assert await reporter.go(address) == 404
