"""Request and trace ids (W3C Trace Context), carried through HTTP, events and logs."""

import re
import secrets
from contextvars import ContextVar
from typing import Final

_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_traceparent() -> str | None:
    """The trace this work belongs to, if any."""
    return _current.get()


def trace_header() -> dict[str, str]:
    """The header by which the next service goes on with this trace, if there is one."""
    trace = _current.get()
    return {"traceparent": trace} if trace else {}


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
