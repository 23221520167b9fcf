"""Release workers whose last duty ran out by the calendar."""

from typing import Final

from services.directory.domain.duty import day_of
from services.directory.storage import sessions, workers
from shared.database import Tx

_AT_ONCE: Final = 100


async def release_former_workers(*, tx: Tx) -> int:
    """State that each of them left and end their sessions; returns how many there were."""
    today = day_of(tx.now)
    released = 0
    for worker_id in await workers.run_out(tx, today, _AT_ONCE):
        worker = await workers.get_own(tx, worker_id)
        worker.leave(today)
        # A duty given in this very moment keeps the worker.
        if worker.fact is not None:
            await workers.save(tx, worker)
            await sessions.end_all(tx, worker_id)
            released += 1
    return released
