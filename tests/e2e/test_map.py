"""The map in a real browser: tapped down to the village, read as a table, and what is withheld."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.test_accessibility import violations
from tests.e2e.windows import DESK, PHONE, Window, Windows

Callers = Callable[[str], Caller]
DRAWN = "#peta[data-drawn]"
_MIDDLE = """
code => {
    const place = document.getElementById("peta");
    return fetch(place.dataset.file).then(answer => answer.json()).then(topology => {
        const found = topojson.feature(topology, topology.objects[place.dataset.object]).features
            .find(one => one.id === code);
        const middle = L.geoJSON(found).getBounds().getCenter();
        const point = place.map.latLngToContainerPoint(middle);
        const box = place.getBoundingClientRect();
        return {x: box.x + point.x, y: box.y + point.y};
    });
}
"""


async def drawn(window: Window) -> Page:
    """The page once its map stands."""
    await expect(window.page.locator(DRAWN)).to_be_visible()
    return window.page


async def tap(window: Window, code: str) -> None:
    """Tap the middle of an area on the map, and wait for the page it leads to."""
    page = await drawn(window)
    await page.locator("#peta").scroll_into_view_if_needed()
    place = await page.evaluate(_MIDDLE, code)
    async with page.expect_navigation():
        await page.touchscreen.tap(place["x"], place["y"])


async def test_a_tap_leads_from_the_province_to_the_village_on_a_phone(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    await caller("psm.sumberwuluh").register(inventor.person())
    window = await windows.open("tksk.candipuro", PHONE)
    page = window.page
    await window.go("/peta?wilayah=35")
    await drawn(window)
    await window.photograph("map-phone-province")
    for inset in ("Bawean", "Masalembu", "Kangean dan Sapeken"):
        await expect(page.get_by_role("region", name=f"Peta kecil {inset}")).to_be_visible()
    await tap(window, "35.08")
    await expect(page.get_by_role("heading", name="Kabupaten Lumajang")).to_be_visible()
    await drawn(window)
    await window.photograph("map-phone-kabupaten")
    await tap(window, "35.08.03")
    await expect(page.get_by_role("heading", name="Kec. Candipuro")).to_be_visible()
    await drawn(window)
    await window.photograph("map-phone-kecamatan")
    await tap(window, "35.08.03.2005")
    await expect(page.get_by_role("heading", name="Sumberwuluh, Kec. Candipuro")).to_be_visible()
    await drawn(window)
    await window.photograph("map-phone-village")
    trail = page.get_by_role("navigation", name="Wilayah")
    await trail.get_by_role("link", name="Kabupaten Lumajang").click()
    await expect(page.get_by_role("heading", name="Kabupaten Lumajang")).to_be_visible()


async def test_the_table_alone_says_all_and_leads_as_deep_without_scripts(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    person = inventor.person()
    await caller("psm.sumberwuluh").register(person)
    window = await windows.open("tksk.candipuro", PHONE, scripts=False)
    page = window.page
    await window.go("/peta?wilayah=35")
    await expect(page.locator("tr[data-area]")).to_have_count(38)
    await page.get_by_role("link", name="Kabupaten Lumajang", exact=True).click()
    await page.get_by_label("Kategori").select_option("LUT")
    await page.get_by_role("button", name="Tampilkan").click()
    await page.get_by_role("link", name="Candipuro", exact=True).click()
    await expect(page.locator("tr[data-area]")).to_have_count(10)
    row = page.locator("tr[data-area='35.08.03.2005']")
    await row.get_by_role("link", name="di Sumberwuluh").click()
    await expect(page.get_by_role("heading", name="Warga di Sumberwuluh")).to_be_visible()
    await expect(page.get_by_role("link", name=person.name)).to_be_visible()


async def test_a_category_and_a_measure_are_chosen_and_stay_while_going_deeper(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    psm = caller("psm.sumberwuluh")
    await psm.send(await psm.register(inventor.person()))
    window = await windows.open("dinsos.lumajang", DESK)
    page = window.page
    await window.go("/peta")
    await drawn(window)
    await window.photograph("map-desk-kabupaten")
    async with page.expect_navigation():
        await page.get_by_label("Kategori").select_option("LUT")
    async with page.expect_navigation():
        await page.get_by_label("Tampilkan").select_option("terbuka")
    await drawn(window)
    await expect(page.get_by_role("columnheader", name="Terbuka")).to_be_visible()
    await window.photograph("map-desk-referrals")
    await page.locator("tr[data-area='35.08.03'] th a").click()
    await expect(page.get_by_role("heading", name="Kec. Candipuro")).to_be_visible()
    await expect(page).to_have_url(re.compile("kategori=LUT"))
    await expect(page.get_by_label("Tampilkan")).to_have_value("terbuka")
    await page.get_by_role("link", name="Kabupaten Lumajang").click()
    await page.locator("tr[data-area='35.08.03'] td a").click()
    await expect(window.heading("Pantau")).to_be_visible()


async def test_the_index_of_the_own_kabupaten_is_drawn_and_below_it_the_page_says_why_not(
    windows: Windows,
) -> None:
    window = await windows.open("dinsos.lumajang", DESK)
    await window.go("/peta?wilayah=35&ukuran=indeks")
    page = await drawn(window)
    row = page.locator("tr[data-area='35.08']")
    await expect(row.locator("td").nth(2)).to_have_text(re.compile(r"^\s*[0-9]+(,[0-9]+)?\s*$"))
    await window.photograph("map-desk-index")
    await row.locator("th a").click()
    await expect(page.get_by_text("Indeks dihitung untuk kabupaten/kota utuh")).to_be_visible()


async def test_what_registry_withholds_from_a_worker_is_hatched_and_has_no_number(
    windows: Windows, caller: Callers
) -> None:
    psm = caller("psm.sumberwuluh")
    withheld: list[str] = []
    for category in ("LUT", "FM", "PD", "KBA", "AT"):
        answer = await psm.get(
            "registry", "/vulnerability", area="35.08.03", by="desa", category=category
        )
        withheld = [one["area"] for one in answer["items"] if one["count"] is None]
        if withheld:
            break
    assert withheld, "the demo data has too few people of some category in some village"
    window = await windows.open("psm.sumberwuluh", DESK)
    await window.go(f"/peta?wilayah=35.08.03&kategori={category}")
    page = await drawn(window)
    for area in withheld:
        row = page.locator(f"tr[data-area='{area}']")
        await expect(row).to_have_attribute("data-shade", "disembunyikan")
        assert not re.search(r"[0-9]", await row.locator("td").inner_text())
    await page.locator("#peta").scroll_into_view_if_needed()
    await window.photograph("map-desk-withheld")


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_map_breaks_no_rule_of_accessibility(
    windows: Windows, device: Mapping[str, Any], *, dark: bool
) -> None:
    window = await windows.open("dinsos.lumajang", device, dark=dark)
    look = f"{device['viewport']['width']}-{'dark' if dark else 'light'}"
    found: list[str] = []
    for address in (
        "/peta?wilayah=35",
        "/peta",
        "/peta?wilayah=35.08.03",
        "/peta?wilayah=35&ukuran=indeks",
    ):
        await window.go(address)
        await drawn(window)
        found += await violations(window, address)
        await window.photograph(f"map-{look}-{address[-5:].strip('=?/')}")
    await window.go("/peta/warga?wilayah=35.08.03.2005")
    found += await violations(window, "list")
    assert found == []


async def test_the_map_is_not_wider_than_a_small_phone(windows: Windows) -> None:
    window = await windows.open(
        "tksk.candipuro", {**PHONE, "viewport": {"width": 320, "height": 640}}
    )
    for address in ("/peta?wilayah=35", "/peta", "/peta?wilayah=35.08.03"):
        await window.go(address)
        await drawn(window)
        assert await window.page.evaluate("document.documentElement.scrollWidth") <= 320, address
