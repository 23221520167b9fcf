"""Aturan rujukan: an officer of Dinsos tries a change on what has been, and publishes it."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.callers import Caller, need
from tests.e2e.people import Inventor
from tests.e2e.test_accessibility import AXE, RUN
from tests.e2e.windows import DESK, PHONE, SCREENSHOTS, Window, Windows

HOMELESS = {"category": "GLD", "situation": "HOMELESS", "target": {}}


@pytest.fixture
async def back_to_the_default(caller: Callable[[str], Caller]) -> AsyncIterator[None]:
    """Lets the rule hold in Lumajang as it does elsewhere, when the test has ended."""
    dinsos = caller("dinsos.lumajang")
    before = await dinsos.get("cases", "/rules/R026")
    yield
    kept = ("pillar", "supporting", "act_hours")
    await dinsos.put("cases", "/rules/R026", {name: before[name] for name in kept})


async def planned(psm: Caller, beneficiary: str) -> str:
    body = need(beneficiary, **HOMELESS)
    plan = await psm.post("cases", "/referrals/plan", body)
    return str(plan["legs"][0]["pillar"])


async def assert_accessible(window: Window) -> None:
    await window.page.evaluate(AXE.read_text(encoding="utf-8"))
    assert await window.page.evaluate(RUN) == []


async def edit(window: Window, pillar: str, hours: str) -> None:
    await window.page.get_by_label("Pilar utama").select_option(pillar)
    await window.page.get_by_label("Mulai ditangani dalam").fill(hours)
    await window.page.get_by_label("Alasan perubahan").fill("TKSK kewalahan.")
    await window.page.get_by_text("Pilar pendamping").first.click()
    supporting = window.page.locator("[name=supporting]")
    await supporting.and_(window.page.locator(f"[value={pillar}]")).uncheck()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_dinsos_changes_a_rule_after_a_dry_run(
    windows: Windows,
    caller: Callable[[str], Caller],
    inventor: Inventor,
    device: Mapping[str, Any],
    back_to_the_default: None,
) -> None:
    psm = caller("psm.sumberwuluh")
    width = device["viewport"]["width"]
    beneficiary = await psm.register(inventor.person())
    for _ in range(2):
        await psm.send(beneficiary, **HOMELESS)
    assert await planned(psm, beneficiary) == "TKSK"

    window = await windows.open("dinsos.lumajang", device)
    await window.go("/tugas")
    if device is PHONE:
        # The bar has no room for it.
        await window.page.locator(".me summary").click()
    rules = window.page.get_by_role("link", name="Aturan", exact=True)
    await rules.filter(visible=True).click()
    await expect(window.heading("Aturan rujukan")).to_be_visible()
    await window.photograph(f"rules-list-{width}")
    await assert_accessible(window)
    await window.page.get_by_label("Keadaan").select_option(label="Tanpa tempat tinggal")
    await window.press("Tampilkan")
    await window.page.get_by_role("link", name=re.compile("Tanpa tempat tinggal")).first.click()
    await expect(window.heading("Tanpa tempat tinggal")).to_be_visible()
    await edit(window, "PSM", "48")
    await window.photograph(f"rules-form-{width}")
    await assert_accessible(window)

    await window.press("Uji coba dahulu")
    await expect(window.heading("Uji coba sebelum terbit")).to_be_visible()
    await expect(window.page.locator(".bars rect")).not_to_have_count(0)
    await expect(window.page.get_by_text("akan berjalan lain").first).to_be_visible()
    moved = window.page.get_by_role("row", name=re.compile("^TKSK"))
    assert int((await moved.get_by_role("cell").last.inner_text()).replace(".", "")) <= -2
    await window.page.get_by_text("Rujukan yang akan berjalan lain").click()
    await window.page.screenshot(path=SCREENSHOTS / f"rules-trial-{width}.png", full_page=True)
    await assert_accessible(window)
    assert await planned(psm, beneficiary) == "TKSK", "a dry run changes nothing"

    await window.press("Ubah isian")
    await expect(window.page.get_by_label("Mulai ditangani dalam")).to_have_value("48")
    await window.press("Uji coba dahulu")
    await window.page.get_by_role("link", name="30 hari terakhir").click()
    await expect(window.page.locator(".tabs [aria-current]")).to_have_text("30 hari terakhir")
    await window.page.get_by_role("button", name=re.compile("^Terbitkan untuk")).click()
    await expect(window.page.get_by_text("Aturan diterbitkan.")).to_be_visible()
    assert window.path() == "/aturan/R026"
    await window.page.get_by_text(re.compile(r"^Riwayat \(")).click()
    await expect(window.page.get_by_text("oleh Anda").first).to_be_visible()
    await expect(window.page.get_by_text("Alasan: TKSK kewalahan.").first).to_be_visible()
    await window.photograph(f"rules-published-{width}")
    assert await planned(psm, beneficiary) == "PSM"
    too_wide = await window.page.evaluate("document.documentElement.scrollWidth")
    assert too_wide <= width


async def test_a_worker_has_no_rules_to_change(windows: Windows) -> None:
    window = await windows.open("psm.sumberwuluh", PHONE)
    window.expect_answers(403)
    await window.go("/tugas")
    await expect(window.page.get_by_role("link", name="Aturan", exact=True)).to_have_count(0)
    assert await window.go("/aturan") == 403
