"""Shapes of requests and answers."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.directory.domain.duty import HeldDuty
from services.directory.domain.passwords import LONGEST
from services.directory.domain.worker import Absence, Worker
from services.directory.storage.queries import ListedWorker
from shared.contracts.codes import Role
from shared.http import Input
from shared.ids import new_id

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Username = Annotated[
    str,
    StringConstraints(to_lower=True, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$"),
]
Password = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=LONGEST)
]
"""Kept as typed; how strong it must be is the domain's rule."""


class DutyIn(Input):
    """A duty to give; without `from` it begins today, without `to` it has no end."""

    pillar: Annotated[str, Field(max_length=40)]
    area: Annotated[str, Field(max_length=13)]
    role: Role
    organisation_id: UUID | None = None
    starts_on: Annotated[Day | None, Field(alias="from")] = None
    ends_on: Annotated[Day | None, Field(alias="to")] = None

    def held(self, today: date) -> HeldDuty:
        """The duty as a worker will hold it."""
        return HeldDuty(
            id=new_id(),
            pillar=self.pillar,
            area=self.area,
            role=self.role,
            starts_on=self.starts_on or today,
            ends_on=self.ends_on,
            organisation_id=self.organisation_id,
        )


class WorkerIn(Input):
    """A new worker with account and first duties."""

    name: Name
    username: Username
    password: Password
    duties: Annotated[list[DutyIn], Field(min_length=1, max_length=20)]


class EndDutyIn(Input):
    """The last day of the duty; without it the duty ends at once."""

    ends_on: Annotated[Day | None, Field(alias="to")] = None


class AbsenceIn(Input):
    """Days of absence, both included."""

    starts_on: Annotated[Day, Field(alias="from")]
    ends_on: Annotated[Day, Field(alias="to")]
    stand_in_id: UUID | None = None


class LookupIn(Input):
    """Ids of workers."""

    ids: Annotated[list[UUID], Field(max_length=100)]


class SignInIn(Input):
    """What a person typed to sign in."""

    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: Password


class PasswordIn(Input):
    """The password in use and the one to use from now on."""

    current_password: Password
    new_password: Password


class _Out(BaseModel):
    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)


class DutyOut(_Out):
    """A duty; `active` says whether it is in force today."""

    id: UUID
    pillar: str
    area: str
    role: Role
    organisation_id: UUID | None
    starts_on: Annotated[date, Field(alias="from")]
    ends_on: Annotated[date | None, Field(alias="to")]
    active: bool

    @classmethod
    def of(cls, duty: HeldDuty, today: date) -> Self:
        """As it is today."""
        return cls(
            id=duty.id,
            pillar=duty.pillar,
            area=duty.area,
            role=duty.role,
            organisation_id=duty.organisation_id,
            starts_on=duty.starts_on,
            ends_on=duty.ends_on,
            active=duty.is_current(today),
        )


class AbsenceOut(_Out):
    """An absence, both days included."""

    id: UUID
    worker_id: UUID
    starts_on: Annotated[date, Field(alias="from")]
    ends_on: Annotated[date, Field(alias="to")]
    stand_in_id: UUID | None

    @classmethod
    def of(cls, worker_id: UUID, absence: Absence) -> Self:
        """The absence of this worker."""
        return cls(
            id=absence.id,
            worker_id=worker_id,
            starts_on=absence.starts_on,
            ends_on=absence.ends_on,
            stand_in_id=absence.stand_in_id,
        )


class WorkerOut(_Out):
    """A worker with the duties the caller may see."""

    id: UUID
    name: str
    active: bool
    duties: list[DutyOut]
    absent_until: date | None

    @classmethod
    def of(cls, worker: Worker, duties: list[HeldDuty], today: date) -> Self:
        """The worker with these duties."""
        return cls(
            id=worker.id,
            name=worker.name,
            active=worker.is_active,
            duties=[DutyOut.of(duty, today) for duty in duties],
            absent_until=worker.absent_until(today),
        )

    @classmethod
    def listed(cls, worker: ListedWorker, today: date) -> Self:
        """The worker as one row of a list."""
        return cls(
            id=worker.id,
            name=worker.name,
            active=worker.is_active,
            duties=[DutyOut.of(duty, today) for duty in worker.duties],
            absent_until=worker.absent_until,
        )


class WorkerPage(_Out):
    """Workers and where the next page begins."""

    items: list[WorkerOut]
    next: UUID | None


class MeOut(WorkerOut):
    """The caller, with every duty and every absence."""

    absences: list[AbsenceOut]


class NameOut(_Out):
    """What any worker may know of any other."""

    id: UUID
    name: str
    pillar: str | None
    area: str | None


class NamesOut(_Out):
    """Names for display; ids nobody has are left out."""

    items: list[NameOut]


class OrganisationOut(_Out):
    """An organisation."""

    id: UUID
    name: str
    pillar: str
    area: str


class OrganisationPage(_Out):
    """Organisations and where the next page begins."""

    items: list[OrganisationOut]
    next: UUID | None


class SessionOut(_Out):
    """A new session; the token is told this once."""

    token: str
    worker_id: UUID
    expires_at: datetime


class TokenWorkerOut(_Out):
    """Whom a token stands for, with the duties in force, own and stood in for."""

    id: UUID
    name: str
    duties: list[DutyOut]


class WorkerTokenOut(_Out):
    """A token traded for a session."""

    access_token: str
    expires_in: int
    worker: TokenWorkerOut


class ServiceTokenOut(_Out):
    """The answer of RFC 6749 section 5.1."""

    access_token: str
    token_type: str
    expires_in: int
