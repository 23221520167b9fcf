"""LISTEN: wakes a waiting loop when another process commits; never the only way to wake."""

import asyncio
import contextlib
from typing import Final

import asyncpg

from shared.database import CONNECTION_LOST
from shared.logging import get_logger

PROBE_SECONDS: Final = 30.0


class Wake:
    """A signal set by NOTIFY on one channel; reconnects by itself."""

    def __init__(self, url: str, channel: str) -> None:
        self._url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._channel = channel
        self._event = asyncio.Event()
        self.payload = ""

    async def wait(self, at_most: float) -> None:
        """Return at the next signal, or after `at_most` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._event.wait()
        self._event.clear()

    async def run(self) -> None:
        """Keep one listening connection until cancelled."""
        pause = 0.1
        while True:
            connection: asyncpg.Connection | None = None
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=5, server_settings={"application_name": "sinergi-listen"}
                )
                await connection.add_listener(self._channel, self._heard)
                self._event.set()
                pause = 0.1
                while True:
                    await asyncio.sleep(PROBE_SECONDS)
                    await connection.execute("select 1", timeout=5)
            except (*CONNECTION_LOST, asyncpg.PostgresError):
                get_logger().warning("listen_lost", channel=self._channel)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 3.0)
            finally:
                if connection is not None:
                    connection.terminate()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        self.payload = payload
        self._event.set()
