"""What directory says: who works where, for which pillar, and when."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.codes import Role
from shared.contracts.envelope import EventData


class DutyState(BaseModel):
    """One duty of a worker: a pillar's role in an area, from a day to a day (both included)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    duty_id: UUID
    pillar: str
    area: str
    role: Role
    organisation_id: UUID | None = None
    starts_on: date
    ends_on: date | None = None


class AbsenceState(BaseModel):
    """Days on which a worker cannot be given work, and who stands in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    starts_on: date
    ends_on: date
    stand_in_id: UUID | None = None


class WorkerState(EventData):
    """The whole shared state of a worker, so that a late older version can be dropped unread."""

    publisher: ClassVar[str] = "directory"

    worker_id: UUID
    active: bool
    duties: list[DutyState]
    absences: list[AbsenceState] = Field(default_factory=list)


class WorkerJoined(WorkerState):
    """A worker was given an account and first duties."""

    name: ClassVar[str] = "worker.joined"


class WorkerChanged(WorkerState):
    """A worker's duties changed."""

    name: ClassVar[str] = "worker.changed"


class WorkerAbsent(WorkerState):
    """A worker announced or withdrew an absence."""

    name: ClassVar[str] = "worker.absent"


class WorkerLeft(WorkerState):
    """A worker's last duty ended; nothing may be sent to this person any more."""

    name: ClassVar[str] = "worker.left"


EVENTS = (WorkerJoined, WorkerChanged, WorkerAbsent, WorkerLeft)
