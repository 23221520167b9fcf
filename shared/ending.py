"""How loops and processes come to their end; light, for the supervisor needs it too."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

BROKEN_SETTING: Final = 2
"""The exit code of a process whose settings keep it from starting, however often it is started."""
END_SECONDS: Final = 4.0
"""Less than the server that holds these loops waits for them."""


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
