"""A worker's browser at the portal: signed in once, it reads a page again and again."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from typing import Final

import httpx2

from shared.auth import Actor
from shared.ending import end
from tests.chaos.answers import NONE, Answer, Answers
from tests.chaos.follower import Follower
from tests.chaos.people import PASSWORD, username_of
from tests.fixtures.stack import Stack

COOKIE: Final = "sinergi"
EVERY_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 10.0
"""The portal gives each service five seconds, and a page asks some of them one after another."""


class Browser:
    """Reads one page at a steady pace, whatever became of the last attempt."""

    def __init__(self, stack: Stack, worker: Actor, page: str) -> None:
        self.worker = worker
        self.answers = Answers()
        self.refused: list[str] = []
        self._stack = stack
        self._page = page
        self._url = stack.url_of("portal")
        self._client = httpx2.AsyncClient(
            base_url=self._url, timeout=LONGEST_SECONDS, trust_env=False
        )

    async def sign_in(self) -> None:
        """Open the one session of this browser."""
        answer = await self._client.post(
            "/masuk",
            data={
                "username": username_of(self.worker),
                "password": PASSWORD,
                "lanjut": self._page,
            },
            headers={"Origin": self._url},
        )
        assert answer.is_redirect, answer.text
        assert answer.headers["location"] == self._page

    def follower(self) -> Follower:
        """Follows the live stream of the pages in this browser's session."""
        cookie = {"Cookie": f"{COOKIE}={self._client.cookies[COOKIE]}"}
        return Follower(self._url, cookie, self.worker)

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read for as long as the block is open."""
        task = asyncio.create_task(self._read_on())
        try:
            yield
        finally:
            await end([task])

    async def close(self) -> None:
        await self._client.aclose()

    async def read(self) -> str:
        """The page as it is now; empty when there was none to be had."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            answer = await self._client.get(self._page)
        except httpx2.TransportError:
            self.answers.note(Answer(began, clock() - began, NONE))
            return ""
        self.answers.note(Answer(began, clock() - began, answer.status_code))
        if answer.status_code == httpx2.codes.OK:
            return answer.text
        if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
            # A way to the sign-in page above all: no fault may cost anybody their session.
            where = answer.headers.get("location", answer.text[:300])
            self.refused.append(f"{self._page}: {answer.status_code} {where}")
        return ""

    def seconds_without_a_page(self, since: float) -> float:
        """From a moment to the end of the first page asked for after it; infinite if none came."""
        whole = (one for one in self.answers if one.at >= since and one.status == httpx2.codes.OK)
        return next((one.at + one.seconds - since for one in whole), math.inf)

    async def _read_on(self) -> None:
        while True:
            await self.read()
            await asyncio.sleep(EVERY_SECONDS)
