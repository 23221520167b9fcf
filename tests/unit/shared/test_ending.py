import asyncio

import pytest

from shared import ending


async def test_what_loses_its_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending, "END_SECONDS", 0.01)
    lost = 0

    async def deaf() -> None:
        nonlocal lost
        while lost < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1

    tasks = [asyncio.create_task(deaf()), asyncio.create_task(asyncio.sleep(60))]
    await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await ending.end(tasks)
    assert all(task.done() for task in tasks)


async def test_what_fails_while_it_ends_is_nobody_elses_fault() -> None:
    async def failing() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise ConnectionResetError

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await ending.end([task])
    assert isinstance(task.exception(), ConnectionResetError)
