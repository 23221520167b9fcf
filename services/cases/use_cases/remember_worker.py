"""Remember what directory said of a worker."""

from services.cases.storage import known
from shared.contracts.directory import WorkerState
from shared.contracts.envelope import Event
from shared.database import Tx


async def remember_worker(event: Event, tx: Tx) -> None:
    """Keep the newest duties and absences; a late older event changes nothing."""
    state = event.data
    assert isinstance(state, WorkerState)
    await known.remember_worker(tx, state, event.subjectversion)
