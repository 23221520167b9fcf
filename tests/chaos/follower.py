"""A worker's browser: follows the live stream and comes back with the last id it saw."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Final

import httpx2

from shared.auth import Actor
from shared.ending import end
from tests.fixtures.stack import Stack

AGAIN_SECONDS: Final = 0.2
SILENCE_SECONDS: Final = 30.0
"""Longer than the stream's heartbeat."""


class Follower:
    """Collects the numbers of all rows one worker's stream sends."""

    def __init__(self, url: str, headers: Mapping[str, str], worker: Actor) -> None:
        """`headers` say that it is this worker, to notifications itself or to the portal."""
        self.worker = worker
        self.refused: list[str] = []
        self.began_at: int | None = None
        self.numbers: list[int] = []
        self.resets = 0
        self.connections = 0
        self._headers = headers
        self._url = url

    @classmethod
    def of(cls, stack: Stack, worker: Actor) -> "Follower":
        """Asks notifications itself, with a token."""
        token = {"Authorization": f"Bearer {stack.token(worker)}"}
        return cls(stack.url_of("notifications"), token, worker)

    @property
    def last(self) -> int | None:
        return self.numbers[-1] if self.numbers else self.began_at

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow for as long as the block is open."""
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            await end([task])

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(httpx2.TransportError):
                await self._connect()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _connect(self) -> None:
        headers = dict(self._headers)
        if self.last is not None:
            headers["Last-Event-ID"] = str(self.last)
        async with (
            httpx2.AsyncClient(timeout=SILENCE_SECONDS, trust_env=False) as client,
            client.stream("GET", f"{self._url}/stream", headers=headers) as response,
        ):
            if response.status_code != httpx2.codes.OK:
                if response.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                    self.refused.append(f"{self._url}/stream: {response.status_code}")
                return
            self.connections += 1
            frame: dict[str, str] = {}
            async for line in response.aiter_lines():
                if line:
                    name, _, value = line.partition(":")
                    frame[name] = value.strip()
                elif frame:
                    self._take(frame)
                    frame = {}

    def _take(self, frame: dict[str, str]) -> None:
        match frame.get("event"):
            case None:
                return
            case "hello":
                self.began_at = int(frame["id"])
            case "reset":
                self.resets += 1
            case _:
                self.numbers.append(int(frame["id"]))
