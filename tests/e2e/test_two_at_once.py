"""Two receivers want the same referral."""

import asyncio
import re
from collections.abc import Callable

from playwright.async_api import expect

from tests.e2e.callers import Caller
from tests.e2e.people import Inventor
from tests.e2e.windows import DESK, PHONE, Window, Windows

RIVALS = ("tagana.lumajang", "tagana2.lumajang")
TAKEN = re.compile(r"Sudah diambil oleh .+ \(demo\) \(.+\)\.")


async def _sent_to_a_pool(caller: Callable[[str], Caller], inventor: Inventor) -> str:
    psm = caller("psm.sumberwuluh")
    beneficiary = await psm.register(inventor.person())
    sent = await psm.send(
        beneficiary, category="KBA", situation="NATURAL_DISASTER", target={"pillar": "TAGANA"}
    )
    return str(sent["id"])


async def _opened(windows: Windows, username: str, referral: str, *, scripts: bool) -> Window:
    window = await windows.open(username, PHONE if scripts else DESK, scripts=scripts)
    window.expect_answers(409)
    await window.go(f"/rujukan/{referral}")
    await expect(window.page.get_by_role("button", name="Terima")).to_be_visible()
    return window


async def test_two_accept_at_once_and_the_loser_sees_who_won(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    referral = await _sent_to_a_pool(caller, inventor)
    rivals = [await _opened(windows, name, referral, scripts=True) for name in RIVALS]
    await asyncio.gather(*(rival.press("Terima") for rival in rivals))
    won = [await rival.page.get_by_text("Tersimpan:").count() for rival in rivals]
    assert sorted(won) == [0, 1]
    winner, loser = rivals[won.index(1)], rivals[won.index(0)]
    await expect(loser.page.get_by_role("alert").get_by_text(TAKEN)).to_be_visible()
    await expect(winner.page.get_by_role("button", name="Mulai tangani")).to_be_visible()
    await expect(loser.page.get_by_role("button", name="Terima")).to_have_count(0)
    await loser.photograph("too-late")
    history = (await caller("psm.sumberwuluh").get("cases", f"/referrals/{referral}"))["history"]
    assert [step["verb"] for step in history].count("accept") == 1


async def test_a_window_that_heard_nothing_is_told_who_was_first(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    referral = await _sent_to_a_pool(caller, inventor)
    late = await _opened(windows, RIVALS[0], referral, scripts=False)
    first = await _opened(windows, RIVALS[1], referral, scripts=True)
    await first.press("Terima")
    await late.press("Terima")
    await expect(late.page.get_by_role("alert").get_by_text(TAKEN)).to_be_visible()


async def test_an_open_window_loses_the_button_when_somebody_else_accepts(
    windows: Windows, caller: Callable[[str], Caller], inventor: Inventor
) -> None:
    referral = await _sent_to_a_pool(caller, inventor)
    watching = await _opened(windows, RIVALS[0], referral, scripts=True)
    await caller(RIVALS[1]).act(referral, "accept")
    await expect(watching.page.get_by_role("button", name="Terima")).to_have_count(0)
    await expect(watching.page.locator("#fakta .badge", has_text="Diterima")).to_be_visible()
