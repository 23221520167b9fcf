"""Something that is about no referral: tell those whom the event names."""

from collections.abc import Mapping
from typing import Final

from services.notifications.storage import notices, stream_rows
from shared.contracts.envelope import Event, EventData
from shared.contracts.registry import ReportReceived, RequestReminded
from shared.database import Tx
from shared.ids import new_id

NOTICES: Final[Mapping[type[EventData], tuple[str, str]]] = {
    RequestReminded: ("request_due", "Permintaan pelindungan data segera jatuh tempo"),
    ReportReceived: ("report_received", "Laporan baru dari sistem lain menunggu keputusan"),
}
"""Kind and title of the notice; it knows no person and no number."""


async def tell_named(event: Event, tx: Tx) -> None:
    """Give each of them who still serves a notice."""
    state = event.data
    assert isinstance(state, RequestReminded | ReportReceived)
    kind, title = NOTICES[type(state)]
    await stream_rows.take_turn(tx)
    await notices.write_alone(
        tx,
        event_id=event.id,
        at=event.time,
        recipients={one: new_id() for one in state.told},
        kind=kind,
        title=title,
    )
