"""Browser windows: one person each, on a phone or at a desk, with nothing to complain about."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.e2e.installation import Installation

CHROMIUM: Final = (
    os.environ.get("CHROMIUM")
    # The same browser without what draws a desktop's windows: two thirds of the work.
    or shutil.which("chromium-headless-shell")
    or shutil.which("chromium")
    or "/usr/bin/chromium"
)
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    # No spare process for every window: the tests open some hundred, one or two at a time.
    "--renderer-process-limit=1",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
SCREENSHOTS: Final = Path(__file__).parent / "screenshots"
PHONE: Final[Mapping[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
DESK: Final[Mapping[str, Any]] = {"viewport": {"width": 1280, "height": 900}}
COOKIE: Final = "sinergi"


class Window:
    """One browser window of one person."""

    def __init__(self, page: Page, installation: Installation) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._origin = installation.portal
        self._expected: set[int] = set()
        page.on("console", self._heard)
        page.on("request", lambda request: installation.addresses.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def expect_answers(self, *statuses: int) -> None:
        """Browsers call every answer of 400 and above an error; these are part of the test."""
        self._expected |= set(statuses)

    async def go(self, address: str) -> int:
        """Open an address of the portal; returns the status it answered with."""
        answer = await self.page.goto(self._origin + address)
        assert answer is not None
        return answer.status

    async def fill_in_sign_in(self, username: str, password: str) -> None:
        """Fill in the sign-in form shown and send it."""
        await self.page.get_by_label("Nama pengguna").fill(username)
        await self.page.get_by_label("Kata sandi").fill(password)
        await self.page.get_by_role("button", name="Masuk").click()

    async def press(self, name: str) -> None:
        """Press the button with these words and wait for the page it leads to."""
        async with self.page.expect_navigation():
            await self.page.get_by_role("button", name=name, exact=True).click()

    async def photograph(self, name: str) -> None:
        """Keep what the window shows now for people to look at."""
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        """The page's main heading."""
        return self.page.get_by_role("heading", level=1, name=name)

    def card(self, words: str) -> Locator:
        """The card of a list that holds these words."""
        return self.page.locator(".cards > li").filter(has_text=words)

    async def is_live(self) -> None:
        """Return once the page says that changes will come by themselves."""
        await expect(self.page.get_by_text("Tersambung langsung")).to_be_visible()

    async def mark(self) -> None:
        """Mark the page, to tell later whether it was loaded anew."""
        await self.page.evaluate("window.marked = true")

    async def assert_never_reloaded(self) -> None:
        assert await self.page.evaluate("window.marked === true"), "the page was loaded anew"

    def path(self) -> str:
        """The path of the address the window shows."""
        return urlsplit(self.page.url).path

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # In the words of the browser, and in those of htmx.
        for status in self._expected:
            if f"status of {status}" in message.text or f"Error Code {status}" in message.text:
                return
        self.complaints.append(f"{message.type}: {message.text}")


class Windows:
    """Opens windows, each in a browser context of its own."""

    def __init__(self, browser: Browser, installation: Installation) -> None:
        self._browser = browser
        self._installation = installation
        self._contexts: list[BrowserContext] = []
        self._opened: list[Window] = []

    @property
    def password(self) -> str:
        """The password of all demo logins."""
        return self._installation.password

    async def open(
        self,
        username: str | None = None,
        device: Mapping[str, Any] = PHONE,
        *,
        scripts: bool = True,
        dark: bool = False,
        to_leave: bool = False,
    ) -> Window:
        """A new window; with a username, one in which that worker has signed in before.

        A test that signs out says so with `to_leave`, and gets a session no other window has.
        """
        context = await self._browser.new_context(
            **device,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        if username is not None:
            cookie = await self._session_of(username, new=to_leave)
            await context.add_cookies(
                [{"name": COOKIE, "value": cookie, "url": self._installation.portal}]
            )
        return await self.second(context)

    async def second(self, beside: BrowserContext | Window) -> Window:
        """One more window of the same browser."""
        context = beside if isinstance(beside, BrowserContext) else beside.page.context
        window = Window(await context.new_page(), self._installation)
        self._opened.append(window)
        return window

    async def close(self) -> list[str]:
        """Close all windows; returns what any of them complained about."""
        for context in self._contexts:
            await context.close()
        return [complaint for window in self._opened for complaint in window.complaints]

    async def _session_of(self, username: str, *, new: bool) -> str:
        sessions = self._installation.sessions
        if new or username not in sessions:
            opened = await self._sign_in(username)
            if new:
                return opened
            sessions[username] = opened
        return sessions[username]

    async def _sign_in(self, username: str) -> str:
        portal = self._installation.portal
        form = {"username": username, "password": self._installation.password}
        async with httpx2.AsyncClient(
            base_url=portal, headers={"Origin": portal}, trust_env=False, timeout=10
        ) as client:
            answer = await client.post("/masuk", data=form)
            assert answer.status_code == 303, answer.text
            return client.cookies[COOKIE]
