"""A request about personal data falls due: tell those who answer for it."""

from services.notifications.storage import notices, stream_rows
from shared.contracts.envelope import Event
from shared.contracts.registry import RequestReminded
from shared.database import Tx
from shared.ids import new_id

KIND = "request_due"
TITLE = "Permintaan pelindungan data segera jatuh tempo"


async def tell_officers(event: Event, tx: Tx) -> None:
    """Give each officer who still serves a notice; it knows no person and no number."""
    state: RequestReminded = event.data
    await stream_rows.take_turn(tx)
    await notices.write_alone(
        tx,
        event_id=event.id,
        at=event.time,
        recipients={officer: new_id() for officer in state.told},
        kind=KIND,
        title=TITLE,
    )
