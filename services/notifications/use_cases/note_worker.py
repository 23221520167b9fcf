"""Directory spoke of a worker: remember whether notices may still go there."""

from services.notifications.storage import known_workers
from shared.contracts.directory import WorkerState
from shared.contracts.envelope import Event
from shared.database import Tx


async def note_worker(event: Event, tx: Tx) -> None:
    """Keep the newest state of the worker."""
    state: WorkerState = event.data
    await known_workers.store(
        tx, worker_id=state.worker_id, version=event.subjectversion, active=state.active
    )
