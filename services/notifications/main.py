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
from shared import internal
from shared.auth import TokenVerifier
from shared.database import Database
from shared.health import database_check
from shared.http import create_app, serve
from shared.logging import configure_logging
from shared.settings import CommonSettings
from shared.worker import Worker

SERVICE = "notifications"


def build(settings: Settings, common: CommonSettings, worker: Worker | None = None) -> FastAPI:
    """The app of this process; with `worker`, the message work runs in the same loop."""
    database = Database(settings.database_url, pool_size=settings.pool_size, name=SERVICE)
    hub = Hub(
        database,
        heartbeat_seconds=settings.stream_heartbeat_seconds,
        lifetime_seconds=settings.stream_seconds,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with worker.running() if worker else contextlib.nullcontext(), hub.running():
            with _at_stop_signal(hub.end_all):
                yield

    app = create_app(
        SERVICE,
        routers=[*ROUTERS, internal.router],
        database=database,
        secret=settings.client_secret,
        verifier=TokenVerifier(f"{common.directory_url}/.well-known/jwks.json", SERVICE),
        checks={"database": database_check(database), **(worker.checks if worker else {})},
        lifespan=lifespan,
        hears=frozenset(event.wire_type() for event in REACTIONS),
    )
    app.state.hub = hub
    return app


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


def main() -> None:
    """Serve HTTP alone."""
    settings, common = Settings(), CommonSettings()
    configure_logging(SERVICE, common.log_level)
    serve(build(settings, common), host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
