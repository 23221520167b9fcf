"""What directory says of workers, as registry hears it."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from shared.clock import utc_now
from shared.contracts.codes import Role
from shared.contracts.directory import AbsenceState, DutyState, WorkerChanged, WorkerLeft
from shared.contracts.envelope import Event
from shared.ids import new_id


def worker_event(
    worker: UUID,
    version: int,
    *duties: tuple[str, Role],
    pillar: str = "DINSOS",
    left: bool = False,
    absences: Sequence[AbsenceState] = (),
) -> Event:
    """A worker holds these duties since three days ago, or has left."""
    kind = WorkerLeft if left else WorkerChanged
    data = kind(
        worker_id=worker,
        active=not left,
        duties=[
            DutyState(
                duty_id=uuid.uuid4(),
                pillar=pillar,
                area=area,
                role=role,
                starts_on=utc_now().date() - timedelta(days=3),
            )
            for area, role in duties
        ],
        absences=list(absences),
    )
    return Event.stating(
        data,
        event_id=new_id(),
        subject=worker,
        version=version,
        time=utc_now(),
        traceparent=None,
    )
