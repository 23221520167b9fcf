"""The HTTP process of notifications."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType

from fastapi import FastAPI

from services.notifications.api import ROUTERS
from services.notifications.api.hub import Hub
from services.notifications.reactions import REACTIONS
from services.notifications.settings import Settings
from shared.process import run_api, service_app
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "notifications"


def build(settings: Settings, common: CommonSettings, worker: Worker | None = None) -> FastAPI:
    """The app of this process; with `worker`, the message work runs in the same loop."""
    app = service_app(
        SERVICE,
        settings=settings,
        common=common,
        worker=worker,
        routers=ROUTERS,
        reactions=REACTIONS,
        beside=_streaming,
    )
    app.state.hub = Hub(
        app.state.database,
        heartbeat_seconds=settings.stream_heartbeat_seconds,
        lifetime_seconds=settings.stream_seconds,
    )
    return app


@contextlib.asynccontextmanager
async def _streaming(app: FastAPI) -> AsyncIterator[None]:
    hub: Hub = app.state.hub
    async with hub.running():
        with _at_stop_signal(hub.end_all):
            yield


@contextlib.contextmanager
def _at_stop_signal(act: Callable[[], None]) -> Iterator[None]:
    """Do this as soon as the process is told to stop.

    The server first waits for open requests and then stops the app, and an open stream is a
    request that does not end: so the streams must hear of the signal before the app does.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    server = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def on_signal(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        then = server[signal.Signals(number)]
        if callable(then):
            then(number, frame)

    hooked = [number for number, then in server.items() if callable(then)]
    for number in hooked:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number in hooked:
            signal.signal(number, server[number])


if __name__ == "__main__":
    run_api(SERVICE, Settings, build)
