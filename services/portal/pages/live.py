"""The live stream of a page: the visitor's events, passed on as they come."""

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Final

from fastapi import Header
from starlette.responses import Response, StreamingResponse

from services.portal.routes import page_router
from services.portal.sessions import Services, SignedIn
from shared.errors import Unavailable

router = page_router()

_LONGEST_SECONDS: Final = 300.0
"""A stream then ends and the browser opens it again: so a session that ended stops hearing."""


@router.get("/stream")
async def stream(
    visitor: SignedIn,
    clients: Services,
    last_event_id: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Server-sent events `notice` and `worklist`, from the last one this browser saw."""
    events = clients.notifications.stream(visitor.token, last_event_id)
    # Opened before the answer begins, so that a refusal is still told as one.
    first = await anext(events, b"")
    return StreamingResponse(
        _onward(first, events),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _onward(first: bytes, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    until = time.monotonic() + _LONGEST_SECONDS
    yield first
    # The browser comes back by itself, whatever ended the stream.
    with suppress(Unavailable):
        async for chunk in events:
            yield chunk
            if time.monotonic() > until:
                return
