"""Remember what directory said of a worker."""

from services.registry.storage import known_workers
from shared.contracts.directory import WorkerState
from shared.contracts.envelope import Event
from shared.database import Tx


async def remember_worker(event: Event, tx: Tx) -> None:
    """Keep the newest duties; a late older event changes nothing."""
    state = event.data
    assert isinstance(state, WorkerState)
    await known_workers.remember(tx, state, event.subjectversion)
