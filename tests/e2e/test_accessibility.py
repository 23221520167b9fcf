"""Pages for everybody: checked by axe-core, and worked with the keyboard alone."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page, expect

from tests.e2e import steps
from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.windows import DESK, PHONE, Window, Windows

AXE: Final = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
AXE_SHA256: Final = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
RUN: Final = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target} ${node.html}`))
"""
MANY_TABS: Final = 40


async def violations(window: Window, page: str) -> list[str]:
    await window.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = await window.page.evaluate(RUN)
    return [f"{page}: {one}" for one in found]


async def test_the_published_axe_finds_what_is_wrong(windows: Windows) -> None:
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == AXE_SHA256
    window = await windows.open()
    await window.go("/masuk")
    await window.page.evaluate("document.querySelector('main').append(new Image(9, 9))")
    assert [one for one in await violations(window, "spoilt") if "image-alt" in one]


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_no_page_breaks_a_rule_of_accessibility(
    windows: Windows,
    caller: Callable[[str], Caller],
    inventor: Inventor,
    device: Mapping[str, Any],
    *,
    dark: bool,
) -> None:
    psm = caller("psm.sumberwuluh")
    person = inventor.person()
    sent = await psm.send(await psm.register(person))
    referral, case = sent["id"], sent["case"]["id"]
    look = "dark" if dark else "light"
    found: list[str] = []

    stranger = await windows.open(device=device, dark=dark)
    stranger.expect_answers(401)
    await stranger.go("/masuk")
    found += await violations(stranger, "sign-in")
    await stranger.fill_in_sign_in(f"{look}.{device['viewport']['width']}", "keliru")
    await expect(stranger.page.get_by_role("alert")).to_be_visible()
    found += await violations(stranger, "sign-in refused")

    receiver = await windows.open("tksk.candipuro", device, dark=dark)
    for page, address in (
        ("tugas", "/tugas"),
        ("terkirim", "/terkirim"),
        ("detail", f"/rujukan/{referral}"),
        ("kabar", "/kabar"),
        ("profil", "/profil"),
        ("kasus", f"/kasus/{case}"),
        ("bantuan", "/bantuan"),
    ):
        await receiver.go(address)
        found += await violations(receiver, page)
    worker = (await caller("tksk.candipuro").get("directory", "/me"))["id"]
    office = await windows.open("dinsos.lumajang", device, dark=dark)
    for page, address in (
        ("pantau", "/pantau"),
        ("pantau by age", "/pantau?menurut=age"),
        ("beban", "/beban"),
        ("serah terima", f"/serah-terima/{worker}"),
        ("izin", f"/izin/{worker}"),
        ("tugaskan", "/tugaskan"),
        ("darurat", "/darurat"),
        ("layanan", "/layanan"),
    ):
        await office.go(address)
        found += await violations(office, page)
    await receiver.go(f"/rujukan/{referral}")
    await receiver.page.locator("summary", has_text="Kembalikan").click()
    found += await violations(receiver, "detail with an open form")
    if dark:
        await receiver.photograph(f"dark-detail-{device['viewport']['width']}")

    sender = await windows.open("psm.sumberwuluh", device, dark=dark)
    sender.expect_answers(404, 409)
    for page, address in (("daftar", "/daftar"), ("rujuk", "/rujuk"), ("warga", "/warga")):
        await sender.go(address)
        found += await violations(sender, page)
    await steps.register(sender, inventor.person())
    found += await violations(sender, "registered")
    await steps.plan(sender)
    found += await violations(sender, "plan")
    await sender.go("/daftar")
    await steps.fill_in_registration(sender, person)
    await sender.press("Daftarkan")
    found += await violations(sender, "look-alike")
    await sender.go("/tidak-ada")
    found += await violations(sender, "not found")
    assert found == []


async def test_signing_in_and_accepting_needs_no_mouse(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    psm = caller("psm.sumberwuluh")
    person = inventor.person()
    await psm.send(await psm.register(person))
    window = await windows.open(device=DESK)
    await window.go("/")
    keyboard = window.page.keyboard
    await _tab_to(window.page, "Nama pengguna")
    await keyboard.type("tksk.candipuro")
    await keyboard.press("Tab")
    await keyboard.type(windows.password)
    await keyboard.press("Enter")
    await expect(window.heading("Tugas")).to_be_visible()
    await window.is_live()

    await keyboard.press("Tab")
    await expect(window.page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
    await keyboard.press("Enter")
    await _tab_to(window.page, person.name, times=4 * MANY_TABS)
    await window.photograph("keyboard-focus")
    await keyboard.press("Enter")
    await expect(window.heading(person.name)).to_be_visible()
    await _tab_to(window.page, "Terima")
    await keyboard.press("Enter")
    await expect(window.page.get_by_text("Tersimpan:")).to_be_visible()
    await expect(window.page.get_by_role("button", name="Mulai tangani")).to_be_visible()


async def test_nothing_is_wider_than_the_phone(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    psm = caller("psm.sumberwuluh")
    referral = (await psm.send(await psm.register(inventor.person())))["id"]
    window = await windows.open(
        "psm.sumberwuluh", {**PHONE, "viewport": {"width": 320, "height": 640}}
    )
    for address in (
        "/tugas", "/terkirim", "/daftar", "/rujuk", "/warga", "/kabar", "/profil",
        f"/rujukan/{referral}",
    ):  # fmt: skip
        await window.go(address)
        width = await window.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, address


async def _tab_to(page: Page, words: str, times: int = MANY_TABS) -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(times):
        await page.keyboard.press("Tab")
        called = await page.evaluate(
            """() => {
                const one = document.activeElement;
                const label = one.labels && one.labels.length ? one.labels[0] : one;
                return label.innerText || "";
            }"""
        )
        if words in called:
            return
    raise AssertionError(f"{words} cannot be reached with Tab")
