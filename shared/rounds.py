"""Loops: work that falls due by the clock alone, and how a loop is ended."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final

import asyncpg

from shared.database import CONNECTION_LOST
from shared.errors import Unavailable
from shared.logging import get_logger

END_SECONDS: Final = 4.0
"""Less than the server that holds these loops waits for them."""


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


async def end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel until each has ended, however it ends.

    Once is not enough: `asyncio.wait_for` before Python 3.12, and drivers caught while connecting,
    swallow a cancellation now and then. A task gets some seconds to leave in order.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=END_SECONDS)
    # Asked for here, what a task ended with is not reported as an error nobody looked at.
    await asyncio.gather(*tasks, return_exceptions=True)
