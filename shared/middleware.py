"""What happens to every request: an id, a trace, a size limit, a log line, a measurement."""

import re
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import Kind, Problem, TooLarge, UnstorableText
from shared.logging import get_logger
from shared.problems import STATUS_OF, problem_response, unexpected_response
from shared.tracing import continue_request, continue_trace

MAX_BODY_BYTES: Final = 1024 * 1024
_QUIET: Final = ("/health/", "/metrics")
_SLOW_SECONDS: Final = 1.0

_REQUESTS: Final = Counter(
    "sinergi_http_requests",
    "Requests by route and answer",
    ["service", "method", "route", "status"],
)
_SECONDS: Final = Histogram(
    "sinergi_http_seconds",
    "Time to answer, by route",
    ["service", "method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


@cache
def _figures(service: str, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The figures of one kind of answer; looking them up by label each time costs more."""
    answered = _REQUESTS.labels(service, method, route, str(status))
    return answered, _SECONDS.labels(service, method, route)


class BodyTooLarge(HTTPException):
    """Raised inside `receive` so that no handler keeps reading.

    An HTTPException, for FastAPI turns any other error of reading a body into "400".
    """

    def __init__(self) -> None:
        super().__init__(STATUS_OF[Kind.TOO_LARGE])


class RequestMiddleware:
    """Pure ASGI: Starlette's function middleware would cost more than the handlers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        max_body: int = MAX_BODY_BYTES,
        uploads: Mapping[re.Pattern[str], int] | None = None,
        unexpected: Callable[[], Response] = unexpected_response,
    ) -> None:
        """`uploads` are the paths that take larger bodies than `max_body`, and how large."""
        self._app = app
        self._service = service
        self._max_body = max_body
        self._uploads = uploads or {}
        self._unexpected = unexpected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request inside its own id, trace, limits and account."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        answer = _Answer(
            send,
            continue_trace(headers.get(b"traceparent", b"").decode("latin-1")),
            continue_request(headers.get(b"x-request-id", b"").decode("latin-1")),
        )
        started = time.perf_counter()
        largest = self._largest(scope["path"])
        try:
            refusal = _refusal(scope, headers, largest)
            if refusal is None:
                await self._app(scope, _limited(receive, largest), answer.send)
            else:
                await problem_response(refusal)(scope, receive, answer.send)
        except BodyTooLarge:
            if not answer.status:
                await problem_response(TooLarge())(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last place that can answer at all
            get_logger().error("unexpected", error=type(error).__name__, at=_place(error))
            if not answer.status:
                await self._unexpected()(scope, receive, answer.send)
        finally:
            if answer.is_stream:
                get_logger().info("stream_ended", status=answer.status)
            else:
                self._account(scope, answer.status, time.perf_counter() - started)

    def _largest(self, path: str) -> int:
        limits = (limit for pattern, limit in self._uploads.items() if pattern.fullmatch(path))
        return next(limits, self._max_body)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        path = getattr(scope.get("route"), "path", "unmatched")
        if path.startswith(_QUIET):
            return
        method = scope["method"]
        answered, took = _figures(self._service, method, path, status)
        answered.inc()
        took.observe(seconds)
        log = get_logger()
        say = log.warning if status >= 500 or seconds > _SLOW_SECONDS else log.info  # noqa: PLR2004 - HTTP's own line
        say("request", method=method, route=path, status=status, ms=round(seconds * 1000, 1))


class _Answer:
    """Passes an answer on with the ids and the headers every answer carries."""

    def __init__(self, send: Send, trace: str, request: str) -> None:
        self._send = send
        self._trace = trace
        self._request = request
        self.status = 0
        self.is_stream = False
        """Open for minutes by design, so neither slow nor a measure of anything."""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            given = dict(headers)
            self.is_stream = given.get(b"content-type", b"").startswith(b"text/event-stream")
            if b"cache-control" not in given:
                headers.append((b"cache-control", b"no-store"))
            headers += [
                (b"x-request-id", self._request.encode()),
                (b"traceparent", self._trace.encode()),
                (b"x-content-type-options", b"nosniff"),
            ]
            message["headers"] = headers
        await self._send(message)


def _refusal(scope: Scope, headers: dict[bytes, bytes], largest: int) -> Problem | None:
    """What can be said before a byte of the body is read."""
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > largest:
        return TooLarge()
    if b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]:
        return UnstorableText()
    return None


def _limited(receive: Receive, max_body: int) -> Receive:
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_body:
            raise BodyTooLarge
        return message

    return receive_limited


def _place(error: BaseException) -> str:
    """File and line where a fault arose; its message could quote a row."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "unknown"
    return f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
