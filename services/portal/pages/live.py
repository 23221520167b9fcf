"""The live stream of a page: the visitor's events, passed on as they come."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Header
from starlette.responses import Response, StreamingResponse

from services.portal.clients import Clients
from services.portal.problems import ClientProblem, NotSignedIn
from services.portal.sessions import Services, SignedIn, Visitor
from shared.errors import Unavailable

router = APIRouter()

_LONGEST_SECONDS: Final = 300.0
"""A stream then ends and the browser opens it again: so a session that ended stops hearing."""

_TRY_LATER: Final = b"retry: 10000\n\n"


@router.get("/stream")
async def stream(
    visitor: SignedIn,
    clients: Services,
    last_event_id: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Server-sent events `notice` and `worklist`, from the last one this browser saw."""
    return StreamingResponse(
        _events(clients, visitor, last_event_id),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(
    clients: Clients, visitor: Visitor, last_event_id: str | None
) -> AsyncIterator[bytes]:
    until = time.monotonic() + _LONGEST_SECONDS
    # The first bytes let the browser know at once that the stream is open.
    yield b": sinergi\n\n"
    try:
        async for chunk in clients.notifications.stream(visitor.token, last_event_id):
            yield chunk
            if time.monotonic() > until:
                return
    except (ClientProblem, NotSignedIn, Unavailable):
        yield _TRY_LATER
