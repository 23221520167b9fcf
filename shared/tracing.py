"""Request and trace ids (W3C Trace Context), carried through HTTP, events and logs."""

import re
import secrets
from contextvars import ContextVar
from typing import Final

from shared.ids import new_id

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_traceparent() -> str | None:
    """The trace this work belongs to, if any."""
    return _current.get()


def trace_header() -> dict[str, str]:
    """The headers by which the next service goes on with this trace and request, if any."""
    found = {"traceparent": _current.get(), "X-Request-ID": request_id.get()}
    return {name: value for name, value in found.items() if value}


def continue_request(given: str | None) -> str:
    """Go on with the request of the one who asks; begin one when its id is missing or none."""
    here = given if given and _UUID.fullmatch(given) else str(new_id())
    request_id.set(here)
    return here


def continue_trace(traceparent: str | None) -> str:
    """Go on with the caller's trace as a new span; begin one when it is missing or broken."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    # Asked for at once, needed or not: it is the question to the system that costs.
    fresh = secrets.token_hex(8 + 16)
    trace_id = match.group(1) if match else fresh[16:]
    here = f"00-{trace_id}-{fresh[:16]}-01"
    _current.set(here)
    return here


def trace_id(traceparent: str | None) -> str | None:
    """The trace's id without the span, as logs name it."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return match.group(1) if match else None
