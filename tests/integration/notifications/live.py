"""Live streams in tests: the app behind a socket, and a reader of Server-Sent Events."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Self

import httpx2
import uvicorn
from fastapi import FastAPI

from shared.auth import Actor
from tests.fixtures.processes import until
from tests.fixtures.stack import free_port

PATIENCE = 10.0


@dataclass(frozen=True)
class Frame:
    """What came between two empty lines."""

    event: str | None = None
    id: int | None = None
    data: Any = None
    comment: str | None = None
    retry: int | None = None


class Reader:
    """One open stream."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def frame(self) -> Frame:
        """The next frame; raises `StopAsyncIteration` when the stream has ended."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            while line := await anext(self._lines):
                name, _, value = line.partition(":")
                fields[name or "comment"] = value.removeprefix(" ")
        return Frame(
            event=fields.get("event"),
            id=int(fields["id"]) if "id" in fields else None,
            data=json.loads(fields["data"]) if "data" in fields else None,
            comment=fields.get("comment"),
            retry=int(fields["retry"]) if "retry" in fields else None,
        )

    async def event(self) -> Frame:
        """The next frame that is no comment."""
        while (found := await self.frame()).event is None:
            continue
        return found

    async def rest(self) -> list[Frame]:
        """Everything until the server ends the stream."""
        frames = []
        with contextlib.suppress(StopAsyncIteration):
            while True:
                frames.append(await self.frame())
        return frames


class LiveServer:
    """The app under uvicorn, in this event loop."""

    def __init__(self, app: FastAPI, token: Callable[[Actor], str]) -> None:
        self.app = app
        self.token = token
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = uvicorn.Server(
            uvicorn.Config(app, port=self.port, log_config=None, timeout_graceful_shutdown=5)
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        serving = asyncio.create_task(self._server.serve())
        try:
            await until(self._has_started)
            yield self
        finally:
            self.app.state.hub.end_all()
            self._server.should_exit = True
            await serving

    @contextlib.asynccontextmanager
    async def stream(
        self, actor: Actor, *, last_id: int | None = None, **query: int
    ) -> AsyncIterator[Reader]:
        """Open a stream as this caller."""
        async with open_stream(self.url, self.token(actor), last_id=last_id, **query) as reader:
            yield reader

    async def has_streams(self, number: int) -> bool:
        return sum(len(found) for found in self.app.state.hub._streams.values()) == number

    async def _has_started(self) -> bool:
        return self._server.started


@contextlib.asynccontextmanager
async def open_stream(
    url: str, token: str, *, last_id: int | None = None, **query: int
) -> AsyncIterator[Reader]:
    headers = {"Authorization": f"Bearer {token}"}
    if last_id is not None:
        headers["Last-Event-ID"] = str(last_id)
    async with (
        httpx2.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False) as client,
        client.stream("GET", "/stream", params=query, headers=headers) as response,
    ):
        assert response.status_code == 200
        yield Reader(response)
