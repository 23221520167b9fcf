import asyncio

from shared.worker import _for_ever


class Deaf:
    """A loop in which a library takes the cancellation for itself."""

    async def run(self) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return


async def test_a_loop_that_loses_its_cancellation_ends_all_the_same() -> None:
    task = asyncio.create_task(_for_ever(Deaf()))
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(3):
        await asyncio.gather(task, return_exceptions=True)
