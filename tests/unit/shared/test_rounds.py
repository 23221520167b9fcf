"""A loop by the clock outlives an outage, and hides no mistake of ours."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from shared.errors import Unavailable
from shared.rounds import Rounds

Go = Callable[[], Coroutine[Any, Any, None]]


def going(faults: list[Exception], done: asyncio.Event) -> Go:
    """Meets these faults in turn, and says when it has met them all."""
    left = iter(faults)

    async def go() -> None:
        fault = next(left, None)
        if fault is None:
            done.set()
        else:
            raise fault

    return go


@pytest.mark.parametrize(
    "fault",
    [Unavailable(), asyncpg.DeadlockDetectedError(), ConnectionRefusedError(), TimeoutError()],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_fault_of_the_database_is_waited_out(fault: Exception) -> None:
    done = asyncio.Event()
    running = asyncio.create_task(Rounds("calendar", 0.001, going([fault, fault], done)).run())
    async with asyncio.timeout(5):
        await done.wait()
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_any_other_fault_ends_the_loop_so_that_it_is_seen() -> None:
    async with asyncio.timeout(5):
        with pytest.raises(KeyError):
            await Rounds("calendar", 0.001, going([KeyError("ours")], asyncio.Event())).run()
