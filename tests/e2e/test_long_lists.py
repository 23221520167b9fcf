"""More work than one page holds: nothing is out of reach, on a phone and without scripts."""

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.callers import Caller, need
from tests.e2e.test_http import everything
from tests.e2e.windows import DESK, PHONE, Window, Windows

BATCH = 50
VILLAGE = "35.08.04.2006"
"""Condro in Kecamatan Pasirian, where no other test works."""
PSM, TKSK = "psm.condro", "tksk.pasirian"
AT_ONCE = 5


async def _sent(caller: Callable[[str], Caller], at_least: int) -> list[str]:
    """The receiver's worklist, after the sender has sent at least so many referrals."""
    psm, tksk = caller(PSM), caller(TKSK)
    people = await everything(psm, "registry", "/beneficiaries")
    missing = at_least - len(await everything(psm, "cases", "/referrals"))
    turn = asyncio.Semaphore(AT_ONCE)

    async def send(number: int) -> None:
        async with turn:
            person = people[number % len(people)]["id"]
            body = need(person, area=VILLAGE)
            await psm.post("cases", "/referrals", body, status=201)

    await asyncio.gather(*(send(number) for number in range(missing)))
    return [item["referral_id"] for item in await everything(tksk, "cases", "/worklist")]


def _rows(window: Window) -> Locator:
    return window.page.locator(".cards > li:not(.more)")


async def _opened(window: Window) -> list[str]:
    """The referrals the cards lead to, in order."""
    addresses = await window.page.locator(".cards > li:not(.more) a").evaluate_all(
        "links => links.map(one => one.pathname)"
    )
    return [address.rpartition("/")[2] for address in addresses]


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_rest_of_tugas_is_put_below_and_stays_when_the_list_changes(
    windows: Windows, caller: Callable[[str], Caller], device: dict[str, object]
) -> None:
    expected = await _sent(caller, BATCH + 8)
    window = await windows.open(TKSK, device)
    await window.go("/tugas")
    await window.is_live()
    await window.mark()
    await expect(_rows(window)).to_have_count(BATCH)
    more = window.page.get_by_role("link", name="Muat lagi")
    await more.scroll_into_view_if_needed()
    await window.photograph(f"more-{device['viewport']['width']}")  # type: ignore[index] # Playwright's own shape
    await more.click()
    await expect(_rows(window)).to_have_count(len(expected))
    assert await _opened(window) == expected
    await expect(_rows(window).nth(BATCH).get_by_role("link")).to_be_focused()
    await window.photograph(f"more-loaded-{device['viewport']['width']}")  # type: ignore[index] # same

    sent = await everything(caller(PSM), "cases", "/referrals")
    await _sent(caller, len(sent) + 1)
    await expect(_rows(window)).to_have_count(len(expected) + 1)
    await window.assert_never_reloaded()
    assert window.page.url.endswith("/tugas")


async def test_without_scripts_the_rest_is_a_page_of_its_own(
    windows: Windows, caller: Callable[[str], Caller]
) -> None:
    expected = await _sent(caller, BATCH + 8)
    receiver = await windows.open(TKSK, PHONE, scripts=False)
    await receiver.go("/tugas")
    first = await _opened(receiver)
    await receiver.page.get_by_role("link", name="Muat lagi").click()
    await expect(receiver.page.get_by_role("link", name="Kembali ke awal daftar")).to_be_visible()
    await receiver.photograph("more-no-scripts")
    assert first + await _opened(receiver) == expected
    await receiver.page.get_by_role("link", name="Kembali ke awal daftar").click()
    await expect(_rows(receiver)).to_have_count(BATCH)
    assert await _opened(receiver) == first


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_what_was_sent_and_what_was_told_go_on_too(
    windows: Windows, caller: Callable[[str], Caller], *, scripts: bool
) -> None:
    await _sent(caller, BATCH + 8)
    sent = await everything(caller(PSM), "cases", "/referrals")
    told = await everything(caller(TKSK), "notifications", "/notices")
    for username, address, items in ((PSM, "/terkirim", sent), (TKSK, "/kabar", told)):
        assert BATCH < len(items) <= 2 * BATCH
        window = await windows.open(username, PHONE, scripts=scripts)
        await window.go(address)
        await expect(_rows(window)).to_have_count(BATCH)
        await window.page.get_by_role("link", name="Muat lagi").click()
        await expect(_rows(window)).to_have_count(len(items) - (0 if scripts else BATCH))
        await expect(window.page.get_by_role("link", name="Muat lagi")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_more_people_than_fit_are_found(
    windows: Windows, caller: Callable[[str], Caller], *, scripts: bool
) -> None:
    wanted = "wibowo"
    coordinator = caller("koordinator.lumajang")
    found = await everything(coordinator, "registry", "/beneficiaries", name=wanted)
    assert len(found) > 50
    window = await windows.open("koordinator.lumajang", DESK, scripts=scripts)
    for address in ("/warga", "/rujuk"):
        seen: list[str] = []
        await window.go(address)
        await window.page.get_by_label("Nama atau NIK").fill(wanted)
        await window.press("Cari")
        while True:
            links = window.page.locator("#hasil .list li:not(.more) strong")
            texts = await links.all_inner_texts()
            seen = texts if scripts else seen + texts
            if not await window.page.get_by_role("button", name="Muat lagi").count():
                break
            if scripts:
                await window.page.get_by_role("button", name="Muat lagi").click()
                await expect(links).not_to_have_count(len(seen))
            else:
                await window.press("Muat lagi")
            assert wanted not in window.page.url
        assert sorted(seen) == sorted(one["name"] for one in found)
        await window.photograph(f"people-{address[1:]}-{'scripts' if scripts else 'none'}")


async def test_more_that_does_not_come_leads_to_a_page_that_says_why(
    windows: Windows, caller: Callable[[str], Caller]
) -> None:
    await _sent(caller, BATCH + 8)
    window = await windows.open(TKSK, PHONE)
    window.expect_answers(401)
    await window.go("/tugas")
    await window.page.context.clear_cookies()
    await window.page.get_by_role("link", name="Muat lagi").click()
    await expect(window.page.get_by_label("Nama pengguna")).to_be_visible()
    await window.fill_in_sign_in(TKSK, windows.password)
    await expect(window.page.get_by_role("link", name="Kembali ke awal daftar")).to_be_visible()
