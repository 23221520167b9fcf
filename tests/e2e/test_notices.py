"""The number beside Kabar says what is new; a stream that lost its place catches up."""

import asyncio
import re
from collections.abc import Callable

from playwright.async_api import Route, expect

from tests.e2e import steps
from tests.e2e.callers import Caller, registration
from tests.e2e.people import Inventor, Person
from tests.e2e.windows import DESK, PHONE, Window, Windows
from tests.fixtures.processes import until

Callers = Callable[[str], Caller]
READER, SENDER = "tksk.senduro", "dinsos.lumajang"
VILLAGE = "35.08.12.2001"
"""In Kecamatan Senduro, where no other test works."""
RESET = "retry: 600000\nevent: reset\nid: 7\ndata: {}\n\n"
"""What the stream says when it no longer knows what this browser has missed."""


async def _send(caller: Callers, person: Person) -> str:
    """The id of a referral whose notice has arrived."""
    sender, before = caller(SENDER), await _unread(caller)
    body = {**registration(person), "area": VILLAGE}
    made = await sender.post("registry", "/beneficiaries", body, status=201)
    sent = str((await sender.send(made["id"], area=VILLAGE))["id"])
    await _arrives(caller, before + 1)
    return sent


async def _unread(caller: Callers) -> int:
    count: dict[str, int] = await caller(READER).get("notifications", "/notices/count")
    return count["unread"]


async def _arrives(caller: Callers, unread: int) -> None:
    async def arrived() -> bool:
        return await _unread(caller) == unread

    await until(arrived, 10)


async def _shows(window: Window, unread: int) -> None:
    """The number beside Kabar is this one; without one there is nothing new."""
    badge = window.page.locator("#jumlah-kabar")
    if unread:
        await expect(badge).to_have_text(re.compile(rf"^\s*{unread} kabar belum dibaca\s*$"))
    else:
        await expect(badge).to_be_empty()


async def test_the_number_falls_when_the_referral_itself_is_opened(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    person = inventor.person()
    referral = await _send(caller, person)
    unread = await _unread(caller)
    window, beside = await windows.open(READER, PHONE), await windows.open(READER, DESK)
    for opened in (window, beside):
        await opened.go("/tugas")
        await opened.is_live()
        await opened.mark()
        await _shows(opened, unread)
    await window.card(person.name).get_by_role("link").click()
    await expect(window.heading(person.name)).to_be_visible()
    await _shows(window, unread - 1)
    await window.photograph("badge-after-opening")
    # The other window hears that the referral was opened, and asks again.
    await _shows(beside, unread - 1)
    await beside.assert_never_reloaded()

    await caller(SENDER).act(referral, "note", text="Pintu belakang terbuka.")
    await _shows(window, unread)
    await window.page.reload()
    await _shows(window, unread - 1)
    await window.go("/kabar")
    await expect(window.card("mendapat catatan baru").locator(".badge")).to_have_count(0)


async def test_after_reset_the_lists_and_the_number_are_asked_for_anew(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    await _send(caller, inventor.person())
    later = inventor.person()
    missed = asyncio.Event()

    async def stream(route: Route) -> None:
        await missed.wait()
        await route.fulfill(status=200, content_type="text/event-stream", body=RESET)

    opened: dict[str, Window] = {}
    for address in ("/tugas", "/kabar"):
        window = await windows.open(READER, PHONE)
        await window.page.route("**/stream", stream)
        await window.go(address)
        await window.mark()
        opened[address] = window
    shown = await opened["/kabar"].page.locator(".cards > li").count()
    referral = await _send(caller, later)
    unread = await _unread(caller)
    assert await opened["/tugas"].card(later.name).count() == 0
    missed.set()
    await expect(opened["/tugas"].card(later.name)).to_be_visible()
    await expect(opened["/kabar"].page.locator(".cards > li")).to_have_count(shown + 1)
    for window in opened.values():
        await _shows(window, unread)
        await window.assert_never_reloaded()
    await opened["/tugas"].page.unroute_all(behavior="ignoreErrors")
    await opened["/tugas"].card(later.name).get_by_role("link").click()
    assert steps.referral_shown(opened["/tugas"]) == referral


async def test_after_reset_an_open_referral_shows_its_newest_state(
    windows: Windows, caller: Callers, inventor: Inventor
) -> None:
    person = inventor.person()
    referral = await _send(caller, person)
    missed = asyncio.Event()

    async def stream(route: Route) -> None:
        await missed.wait()
        await route.fulfill(status=200, content_type="text/event-stream", body=RESET)

    window = await windows.open(READER, DESK)
    await window.page.route("**/stream", stream)
    await window.go(f"/rujukan/{referral}")
    await window.mark()
    await expect(window.page.get_by_role("button", name="Terima")).to_be_visible()
    await caller(READER).act(referral, "accept")
    missed.set()
    await expect(window.page.locator("#fakta .badge", has_text="Diterima")).to_be_visible()
    await expect(window.page.get_by_role("button", name="Mulai tangani")).to_be_visible()
    await window.assert_never_reloaded()
