"""Remember what directory said of a worker who may answer for personal data."""

from services.registry.storage import officers
from shared.contracts.directory import WorkerState
from shared.contracts.envelope import Event
from shared.database import Tx


async def remember_officer(event: Event, tx: Tx) -> None:
    """Keep the newest duties; a late older event changes nothing."""
    state = event.data
    assert isinstance(state, WorkerState)
    await officers.remember(tx, state, event.subjectversion)
