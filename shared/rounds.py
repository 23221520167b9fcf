"""Loops: work that falls due by the clock alone."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

from shared.database import CONNECTION_LOST
from shared.errors import Unavailable
from shared.logging import get_logger


class Rounds:
    """A loop of the message process that does the same thing again and again."""

    def __init__(self, name: str, seconds: float, go: Callable[[], Awaitable[object]]) -> None:
        """Call `go` every so many seconds, counted from its end; `name` stands in the log."""
        self.name = name
        self.go = go
        self._seconds = seconds

    async def run(self) -> None:
        """Go round until cancelled; faults of the database are waited out."""
        while True:
            try:
                await self.go()
            except (Unavailable, asyncpg.PostgresError, *CONNECTION_LOST) as error:
                get_logger().warning(f"{self.name}_waits", error=type(error).__name__)
            await asyncio.sleep(self._seconds)
