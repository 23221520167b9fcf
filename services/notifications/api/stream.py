"""GET /stream: what concerns the caller, as it happens (Server-Sent Events)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.notifications.api.hub import Hub, Subscription
from services.notifications.storage.stream_rows import StreamRow
from shared.auth import Actor
from shared.ending import end
from shared.errors import Unavailable
from shared.http import requires
from shared.policy import Action

RETRY_MS: Final = 2_000
LAST_WORD_SECONDS: Final = 5.0
"""How long an ended stream may take to say so before its connection is cut."""
_HIGHEST: Final = 2**63 - 1

router = APIRouter(tags=["stream"])


class EventStream(StreamingResponse):
    """A stream that ends with its subscription, even when the client no longer reads."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, subscription: Subscription) -> None:
        super().__init__(_frames(hub, subscription), headers={"X-Accel-Buffering": "no"})
        self._ended = subscription.ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's own signature
        """Send frames until the client is gone or the subscription has ended."""
        writing = asyncio.create_task(self.stream_response(send))
        cut = asyncio.create_task(self._cut(receive))
        try:
            await asyncio.wait({writing, cut}, return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                writing.result()
        finally:
            await end([writing, cut])

    async def _cut(self, receive: Receive) -> None:
        """Return when the client is gone, or has not taken the end of its stream in time."""
        gone = asyncio.create_task(self.listen_for_disconnect(receive))
        ended = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait({gone, ended}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({gone}, timeout=LAST_WORD_SECONDS)
        finally:
            await end([gone, ended])


async def _subscription(
    request: Request,
    actor: Annotated[Actor, requires(Action.NOTICE_READ)],
    header: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=_HIGHEST)] = None,
    query: Annotated[int | None, Query(alias="last_event_id", ge=0, le=_HIGHEST)] = None,
) -> AsyncIterator[Subscription]:
    # A browser that comes back repeats the address it first used, so the header is newer.
    hub: Hub = request.app.state.hub
    async with hub.joined(actor.id, query if header is None else header) as subscription:
        yield subscription


@router.get("/stream", response_class=StreamingResponse)
async def stream(
    request: Request, subscription: Annotated[Subscription, Depends(_subscription)]
) -> EventStream:
    """Events `notice` and `worklist`; `hello` and `reset` say from where the stream goes on.

    Resume with `Last-Event-ID`. After `reset` the client must load its lists anew.
    """
    return EventStream(request.app.state.hub, subscription)


async def _frames(hub: Hub, subscription: Subscription) -> AsyncIterator[bytes]:
    position = subscription.after
    if subscription.greeting is not None:
        yield format_sse_event(
            event=subscription.greeting, data_str="{}", id=str(position), retry=RETRY_MS
        )
    else:
        yield format_sse_event(comment="resumed", retry=RETRY_MS)
        try:
            async for row in hub.missed(subscription):
                yield _frame(row)
                position = row.seq
        except Unavailable:
            # Going on would leave a gap; the client resumes from what it has.
            return
    while not subscription.ended.is_set():
        new = await subscription.next(hub.heartbeat_seconds)
        if new is not None and new.seq > position:
            yield _frame(new)
            position = new.seq
        elif new is None and not subscription.ended.is_set():
            yield format_sse_event(comment="heartbeat")


def _frame(row: StreamRow) -> bytes:
    return format_sse_event(event=row.kind, data_str=row.data, id=str(row.seq))
