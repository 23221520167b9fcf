"""Warga: who lives here and is in need, by area and category as well as by name."""

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conftest import SUMBERWULUH
from tests.e2e.windows import DESK, PHONE, Windows


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_people_are_found_by_area_and_category_with_a_name_or_without(
    windows: Windows, device: Mapping[str, Any]
) -> None:
    window = await windows.open("tksk.candipuro", device)
    page = window.page
    await window.go("/warga")
    await page.get_by_text("Saring wilayah atau kategori").click()
    await page.get_by_label("Di wilayah").select_option(SUMBERWULUH)
    await page.get_by_label("Dengan kategori PPKS").select_option("LUT")
    await window.press("Cari")
    found = page.locator("#hasil li strong")
    await expect(found.first).to_be_visible()
    await expect(page.get_by_label("Di wilayah")).to_have_value(SUMBERWULUH)
    for place in await page.locator("#hasil li small").all_inner_texts():
        assert "Sumberwuluh" in place
    await window.photograph(f"finding-{'phone' if device is PHONE else 'desk'}")

    name = (await found.first.inner_text()).split()[0]
    await page.get_by_label("Nama atau NIK").press_sequentially(name)
    await expect(page.locator("#hasil li").filter(has_not_text=name)).to_have_count(0)
    await expect(found.first).to_contain_text(name)
    for place in await page.locator("#hasil li small").all_inner_texts():
        assert "Sumberwuluh" in place
