"""Stream rows past their time are deleted."""

from typing import Final

from services.notifications.storage import stream_rows
from shared.database import Database
from shared.rounds import Rounds

EVERY_SECONDS: Final = 3600.0


class StreamSweeper:
    """Deletes stream rows nobody can resume from any more, once an hour."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Sweep until cancelled; faults are waited out."""
        await Rounds("stream_sweeper", EVERY_SECONDS, self.sweep).run()

    async def sweep(self) -> int:
        """Delete all rows past their time, a batch a transaction; returns how many went."""
        total = 0
        while True:
            async with self._database.transaction() as tx:
                swept = await stream_rows.sweep(tx)
            total += swept
            if swept < stream_rows.SWEEP_BATCH:
                return total
