"""One person registered twice: seen while typing, told apart, merged, and parted again."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from playwright.async_api import expect

from tests.conftest import SUMBERWULUH
from tests.e2e import steps
from tests.e2e.callers import Caller
from tests.e2e.installation import Installation
from tests.e2e.people import Inventor
from tests.e2e.test_accessibility import violations
from tests.e2e.windows import DESK, PHONE, Window, Windows

BORN: Final = "1951-03-07"


async def known(caller: Caller, name: str, **fields: Any) -> str:
    """Somebody who is registered already."""
    body = {
        "kind": "person",
        "name": name,
        "sex": "F",
        "birth": {"date": BORN},
        "nik_absent_reason": "lost",
        "area": SUMBERWULUH,
        "categories": ["LUT"],
        "legal_basis": "public_task",
        "accept_lookalikes": True,
        **fields,
    }
    made: str = (await caller.post("registry", "/beneficiaries", body))["id"]
    return made


async def is_wide(window: Window) -> bool:
    inside: bool = await window.page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return inside


async def by_its_notice(window: Window, referral: dict[str, Any], name: str) -> None:
    """The notice of this referral leads to it, under this name."""
    await window.go("/kabar")
    await window.card(referral["case"]["number"]).get_by_role("button").first.click()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text(name)
    assert window.path() == f"/rujukan/{referral['id']}"


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_look_alike_is_shown_while_the_form_is_filled_in(
    *,
    windows: Windows,
    installation: Installation,
    caller: Callable[[str], Caller],
    inventor: Inventor,
    device: Mapping[str, Any],
) -> None:
    name = inventor.person().name
    await known(caller("psm.sumberwuluh"), name)
    window = await windows.open("psm.sumberwuluh", device)
    page = window.page
    await window.go("/daftar")
    await page.get_by_label("Nama", exact=True).press_sequentially(f"Hj. {name}")
    await page.get_by_label("Tanggal lahir").fill(BORN)
    alike = page.locator("#serupa")
    await expect(alike.get_by_role("heading")).to_have_text("Serupa dengan yang sudah terdaftar")
    await expect(alike).to_contain_text(name)
    await expect(alike).to_contain_text("tanggal lahir sama")
    await alike.scroll_into_view_if_needed()
    await window.photograph(f"look-alike-{device['viewport']['width']}")
    assert await violations(window, "look-alike while typing") == []
    await page.get_by_label("Tanggal lahir").fill("1980-11-30")
    await expect(alike.get_by_role("heading")).to_have_count(0)
    other = inventor.person()
    await caller("psm.sumberwuluh").register(other)
    nik = page.get_by_label(re.compile("^NIK"))
    await nik.fill(other.nik)
    await nik.press("Tab")
    await expect(alike).to_contain_text(other.name)
    await expect(alike).to_contain_text("NIK sama persis")
    # The form asks at each change, and all of it is one search.
    await page.get_by_label("Tahun lahir").fill("1980")
    await page.get_by_label("Alamat atau patokan").fill("RT 9")
    await page.get_by_label("Nama", exact=True).fill(other.name)
    await expect(alike).to_contain_text("nama sama")
    assert await installation.searches() == [1]


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_who_was_said_to_be_somebody_else_while_typing_is_asked_about_no_more(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor, device: Mapping[str, Any]
) -> None:
    psm, person = caller("psm.sumberwuluh"), inventor.person()
    seen = await known(psm, person.name)
    window = await windows.open("psm.sumberwuluh", device)
    window.expect_answers(409)
    page = window.page
    await window.go("/daftar")
    await steps.fill_in_registration(window, person)
    await page.get_by_label("Tanggal lahir").fill(BORN)
    other = page.get_by_label("Bukan orang yang sama")
    await other.check()
    await page.get_by_label("Alamat atau patokan").fill("RT 9, sebelah lapangan")
    await expect(page.locator("#serupa").get_by_role("checkbox")).to_be_checked()

    # Somebody else registers another one meanwhile: only sending finds that one.
    await known(psm, person.name)
    await window.press("Daftarkan")
    await expect(page.get_by_text("Mungkin sudah terdaftar")).to_be_visible()
    await expect(other).to_have_count(2)
    assert sorted([await one.is_checked() for one in await other.all()]) == [False, True]
    await expect(page.get_by_label("Alamat atau patokan")).to_have_value("RT 9, sebelah lapangan")
    await window.photograph(f"look-alikes-decided-{device['viewport']['width']}")
    assert await violations(window, "look-alikes to decide") == []
    assert not await is_wide(window)
    for one in await other.all():
        await one.check()
    await window.press("Daftarkan sebagai warga baru")
    await expect(page.get_by_text(f"{person.name} berhasil didaftarkan.")).to_be_visible()
    await page.get_by_role("link", name="Periksa data ganda").click()
    await expect(page.get_by_text("Tidak ada data lain yang mirip.")).to_be_visible()
    assert seen not in await page.content()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_pair_is_told_apart_and_another_merged_and_parted(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor, device: Mapping[str, Any]
) -> None:
    psm, name = caller("psm.sumberwuluh"), inventor.person().name
    wide = device["viewport"]["width"]
    stays = await known(psm, name, address="RT 3 RW 1, sebelah musala", phone="0812 1111 2222")
    gone = await known(psm, f"Hj. {name}")
    twin = await known(psm, f"{name} Kembar")
    referral = await psm.send(gone)
    window = await windows.open("tksk.candipuro", device)
    page = window.page
    await window.go(f"/warga/{stays}")
    await page.get_by_role("link", name="Periksa data ganda").click()
    cards = page.locator("ul.stack > li")
    await expect(cards).to_have_count(2)
    await window.photograph(f"duplicates-{wide}")
    found = await violations(window, "duplicates")
    await cards.filter(has_text="Kembar").get_by_role("button").click()
    await expect(page.get_by_text("Dicatat: bukan orang yang sama")).to_be_visible()
    await expect(cards).to_have_count(1)

    await cards.get_by_role("link", name="Bandingkan").click()
    await expect(window.heading("Bandingkan dua data")).to_be_visible()
    await window.photograph(f"merge-{wide}")
    found += await violations(window, "merge")
    assert not await is_wide(window)
    await window.press("Gabungkan")
    await expect(page.get_by_text("Kedua data sudah digabung.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Digabung dari")).to_be_visible()
    await page.get_by_role("heading", name="Digabung dari").scroll_into_view_if_needed()
    await window.photograph(f"merged-{wide}")
    found += await violations(window, "merged")
    assert not await is_wide(window)

    # The referral made for the record that was merged is the person's now, and so is its notice.
    await window.go(f"/rujukan/{referral['id']}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    await by_its_notice(window, referral, name)
    await caller("tksk.candipuro").act(referral["id"], "accept")
    await window.go(f"/warga/{gone}")
    assert window.path() == f"/warga/{stays}"
    await page.get_by_role("button", name="Pisahkan lagi").click()
    await expect(page.get_by_text("Data sudah dipisahkan lagi")).to_be_visible()
    await expect(page.get_by_role("heading", name="Digabung dari")).to_have_count(0)
    await window.go(f"/warga/{gone}")
    await expect(window.heading(f"Hj. {name}")).to_be_visible()
    await window.go(f"/rujukan/{referral['id']}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Hj. {name}")
    await by_its_notice(window, referral, f"Hj. {name}")
    sender = await windows.open("psm.sumberwuluh", device)
    # What was told while they were one leads to the record it was sent for.
    await by_its_notice(sender, referral, f"Hj. {name}")
    await window.go(f"/warga/{stays}/ganda")
    await expect(cards).to_have_count(1)
    await expect(page.get_by_text("Kembar")).to_have_count(0)
    assert twin not in await page.content()
    assert found == []
