"""Waits for what other processes do, which no event of ours announces."""

import asyncio
import time
from collections.abc import Callable
from math import inf

_POLL_SECONDS = 0.05


async def until(condition: Callable[[], bool], seconds: float = inf) -> bool:
    """Say whether the condition came true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_POLL_SECONDS)
    return True
