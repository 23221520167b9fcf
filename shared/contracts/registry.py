"""What registry says: who is in need, where, and of which categories; never a name or a NIK."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.contracts.envelope import EventData


class BeneficiaryState(EventData):
    """The shared state of a beneficiary: place, kind, sensitivity and open (not C3) categories."""

    publisher: ClassVar[str] = "registry"

    beneficiary_id: UUID
    kind: BeneficiaryKind
    area: str
    confidentiality: Confidentiality
    categories: list[str]
    """Codes of the current categories of sensitivity C1 only; others stay with the registry."""
    merged_into: UUID | None = None
    """The record that remains of this one; never one that was merged itself."""


class BeneficiaryRegistered(BeneficiaryState):
    """A beneficiary entered the registry."""

    name: ClassVar[str] = "beneficiary.registered"


class BeneficiaryChanged(BeneficiaryState):
    """A beneficiary's place, kind or categories changed."""

    name: ClassVar[str] = "beneficiary.changed"


class BeneficiaryMerged(BeneficiaryState):
    """Two records were found to be of one person: this one goes on as another, which it names."""

    name: ClassVar[str] = "beneficiary.merged"


class BeneficiaryUnmerged(BeneficiaryState):
    """A merge was taken back: this record stands for itself again."""

    name: ClassVar[str] = "beneficiary.unmerged"


class BeneficiaryAnonymised(BeneficiaryState):
    """All that leads to the person was removed for good; whoever keeps words of them forgets."""

    name: ClassVar[str] = "beneficiary.anonymised"


class RequestReminded(EventData):
    """A request about somebody's data, or a breach, must be dealt with within a day."""

    publisher: ClassVar[str] = "registry"
    name: ClassVar[str] = "request.reminded"

    request_id: UUID
    area: str
    due_at: datetime
    told: list[UUID]
    """The data protection officers of the area, or Dinsos where there is none."""


class ReportReceived(EventData):
    """Another system told of somebody in need; a worker decides who it is."""

    publisher: ClassVar[str] = "registry"
    name: ClassVar[str] = "report.received"

    report_id: UUID
    area: str
    told: list[UUID]
    """Those nearest to the place who may read it."""


EVENTS = (
    BeneficiaryRegistered,
    BeneficiaryChanged,
    BeneficiaryMerged,
    BeneficiaryUnmerged,
    BeneficiaryAnonymised,
    RequestReminded,
    ReportReceived,
)
