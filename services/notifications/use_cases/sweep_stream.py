"""Stream rows past their time are deleted."""

import asyncio
from typing import Final

import asyncpg

from services.notifications.storage import stream_rows
from shared.database import CONNECTION_LOST, Database
from shared.errors import Unavailable
from shared.logging import get_logger

EVERY_SECONDS: Final = 3600.0


class StreamSweeper:
    """Deletes stream rows nobody can resume from any more, once an hour."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Sweep until cancelled; faults are waited out."""
        while True:
            try:
                await self.sweep()
            except (Unavailable, asyncpg.PostgresError, *CONNECTION_LOST) as error:
                get_logger().warning("stream_sweeper_waits", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep(self) -> int:
        """Delete all rows past their time, a batch a transaction; returns how many went."""
        total = 0
        while True:
            async with self._database.transaction() as tx:
                swept = await stream_rows.sweep(tx)
            total += swept
            if swept < stream_rows.SWEEP_BATCH:
                return total
