"""The four services as the portal sees them: real HTTP, scripted answers, remembered calls.

They stand in at the provider seam only; the browser test drives the real services.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.fixtures.stack import free_port
from tests.integration.portal.answers import on_a_quiet_day
from tests.integration.portal.answers.known import Answers


@dataclass(frozen=True, slots=True)
class Call:
    """One request a service got."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Neighbours:
    """What the services answer, by `METHOD /service/path`, and what they were asked."""

    url: str = ""
    answers: Answers = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    events: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    is_down: set[str] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None

    def tell(self, event: str, number: int) -> None:
        """Send an event on the open stream."""
        assert self._loop is not None, "no service was called yet"
        frame = f"event: {event}\nid: {number}\ndata: {{}}\n\n".encode()
        self._loop.call_soon_threadsafe(self.events.put_nowait, frame)

    def answer(self, call: str, body: Any, status: int = 200) -> None:
        """From now on, answer this call so."""
        self.answers[call] = (status, body)

    def refuse(self, call: str, code: str, status: int, **members: Any) -> None:
        """From now on, refuse this call with a problem document."""
        problem = {"type": f"urn:sinergi:problem:{code}", "title": "Ditolak layanan", **members}
        self.answers[call] = (status, problem)

    def of(self, call: str) -> list[Call]:
        """Every request of this kind so far."""
        method, _, path = call.partition(" ")
        return [one for one in self.calls if one.method == method and one.path == path]

    def reset(self) -> None:
        """Back to ordinary answers."""
        self.calls.clear()
        self.is_down.clear()
        self.answers = on_a_quiet_day()
        self.events = asyncio.Queue()

    async def serve(self, request: Request) -> Response:
        """Answer as scripted."""
        self._loop = asyncio.get_running_loop()
        raw = await request.body()
        is_json = request.headers.get("content-type") == "application/json"
        body: Any = raw
        if is_json or not request.headers.get("content-type", "").startswith("multipart/"):
            body = json.loads(raw) if raw and is_json else dict(parse_qsl(raw.decode()))
        path = request.url.path
        self.calls.append(
            Call(request.method, path, dict(request.query_params), dict(request.headers), body)
        )
        if path.split("/")[1] in self.is_down:
            return Response(status_code=503)
        if path == "/notifications/stream":
            return StreamingResponse(self._stream(), media_type="text/event-stream")
        status, answer = self.answers.get(
            f"{request.method} {path}", (404, {"type": "urn:sinergi:problem:not-found"})
        )
        if isinstance(answer, Response):
            return answer
        if callable(answer):
            answer = answer(body)
        if status == 204:
            return Response(status_code=204)
        kind = "application/problem+json" if status >= 400 else "application/json"
        return JSONResponse(answer, status_code=status, media_type=kind)

    async def _stream(self) -> AsyncIterator[bytes]:
        yield b"event: hello\nid: 7\ndata: {}\n\n"
        while True:
            yield await self.events.get()


@contextlib.contextmanager
def running_neighbours() -> Iterator[Neighbours]:
    """Serve all four on one port until the block ends."""
    neighbours = Neighbours(answers=on_a_quiet_day())
    port = free_port()
    neighbours.url = f"http://127.0.0.1:{port}"
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", neighbours.serve, methods=methods)])
    config = uvicorn.Config(
        app, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive(), "the neighbours did not come up"
            assert time.monotonic() < deadline, "the neighbours did not come up in time"
            time.sleep(0.01)
        yield neighbours
    finally:
        server.should_exit = True
        thread.join(timeout=10)
