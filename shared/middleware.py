"""What happens to every request: an id, a trace, a size limit, a log line, a measurement."""

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import Counter, Histogram
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import TooLarge
from shared.ids import new_id
from shared.logging import get_logger
from shared.problems import UnstorableText, problem_response, unexpected_response
from shared.tracing import continue_trace, request_id

MAX_BODY_BYTES: Final = 1024 * 1024
_QUIET: Final = ("/health/", "/metrics")
_SLOW_SECONDS: Final = 1.0

_REQUESTS: Final = Counter(
    "sinergi_http_requests", "Requests by route and answer", ["service", "method", "route", "status"]
)
_SECONDS: Final = Histogram(
    "sinergi_http_seconds",
    "Time to answer, by route",
    ["service", "method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


class BodyTooLarge(Exception):
    """Raised inside `receive` so that no handler keeps reading."""


class RequestMiddleware:
    """Pure ASGI: Starlette's function middleware would cost more than the handlers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        max_body: int = MAX_BODY_BYTES,
        unexpected: Callable[[], Response] = unexpected_response,
    ) -> None:
        self._app = app
        self._service = service
        self._max_body = max_body
        self._unexpected = unexpected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        own_id = str(new_id())
        request_id.set(own_id)
        trace = continue_trace(headers.get(b"traceparent", b"").decode("latin-1"))
        started = time.perf_counter()
        status = 0

        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.get("headers", ())
                message["headers"] = [
                    *given,
                    (b"x-request-id", own_id.encode()),
                    (b"traceparent", trace.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
                if not any(name == b"cache-control" for name, _ in given):
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            body = message.get("body", b"")
            received += len(body)
            if received > self._max_body:
                raise BodyTooLarge
            return message

        try:
            declared = headers.get(b"content-length", b"0")
            if declared.isdigit() and int(declared) > self._max_body:
                await problem_response(TooLarge())(scope, receive, send_with_ids)
            elif b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"]:
                await problem_response(UnstorableText())(scope, receive, send_with_ids)
            else:
                await self._app(scope, receive_limited, send_with_ids)
        except BodyTooLarge:
            if not status:
                await problem_response(TooLarge())(scope, receive, send_with_ids)
        except Exception as error:
            get_logger().error("unexpected", error=type(error).__name__, at=_place(error))
            if not status:
                await self._unexpected()(scope, receive, send_with_ids)
        finally:
            self._account(scope, status, time.perf_counter() - started)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        path = getattr(scope.get("route"), "path", "unmatched")
        if path.startswith(_QUIET):
            return
        method = scope["method"]
        _REQUESTS.labels(self._service, method, path, str(status)).inc()
        _SECONDS.labels(self._service, method, path).observe(seconds)
        log = get_logger()
        say = log.warning if status >= 500 or seconds > _SLOW_SECONDS else log.info  # noqa: PLR2004 - HTTP's own line
        say("request", method=method, route=path, status=status, ms=round(seconds * 1000, 1))


def _place(error: BaseException) -> str:
    """File and line where a fault arose; its message could quote a row."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "unknown"
    return f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
