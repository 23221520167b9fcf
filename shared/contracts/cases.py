"""What cases says: a case was opened or closed, a referral took a step."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.codes import (
    CasePhase,
    Confidentiality,
    Deadline,
    Outcome,
    ReferralStatus,
    ReturnReason,
    Urgency,
)
from shared.contracts.envelope import EventData


class CaseState(EventData):
    """The shared state of a case."""

    publisher: ClassVar[str] = "cases"

    case_id: UUID
    number: str
    beneficiary_id: UUID
    area: str
    is_open: bool
    phase: CasePhase = CasePhase.INTAKE


class CaseOpened(CaseState):
    """A need was taken up; its case number is known to people."""

    name: ClassVar[str] = "case.opened"


class CaseClosed(CaseState):
    """Each leg of the case has ended."""

    name: ClassVar[str] = "case.closed"


class CaseReopened(CaseState):
    """A closed case was taken up again."""

    name: ClassVar[str] = "case.reopened"


class CasePhaseChanged(CaseState):
    """The work on the case moved to another phase."""

    name: ClassVar[str] = "case.phase_changed"


class ReferralState(EventData):
    """The whole shared state of a referral, so that any later event replaces all earlier ones."""

    publisher: ClassVar[str] = "cases"

    referral_id: UUID
    case_id: UUID
    case_number: str
    beneficiary_id: UUID
    status: ReferralStatus
    pillar: str
    area: str
    organisation_id: UUID | None = None
    category: str | None
    """PPKS code; only for C1, else None."""
    urgency: Urgency
    confidentiality: Confidentiality
    sender_id: UUID
    holder_id: UUID | None
    actor_id: UUID | None
    """Who took this step; None for the clock."""
    pool: list[UUID]
    """Workers who are told about a referral that nobody holds yet."""
    escalation_level: int = 0
    """0 not escalated, 1 with the pillar's coordinator, 2 with Dinsos, 3 sent elsewhere."""
    reply_by: datetime | None
    act_by: datetime | None
    close_by: datetime | None
    safe_contact_only: bool = False
    """Whether those who receive it may reach the person by a safe contact alone."""


class ReferralGroup(BaseModel):
    """Referrals of one batch from one disaster site to one pool: news of them is told once."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    site_id: UUID
    area: str
    """Where the site lies; its name is free text and stays with cases."""
    families: int


class ReferralSent(ReferralState):
    """A referral left its sender and waits for a receiver."""

    name: ClassVar[str] = "referral.sent"

    group: ReferralGroup | None = None
    """The batch it came with; None when it was sent by itself."""


class ReferralSeen(ReferralState):
    """A first receiver opened the referral."""

    name: ClassVar[str] = "referral.seen"


class ReferralAccepted(ReferralState):
    """One receiver took the referral; no other can."""

    name: ClassVar[str] = "referral.accepted"


class ReferralStarted(ReferralState):
    """The holder began to act."""

    name: ClassVar[str] = "referral.started"


class ReferralNoted(ReferralState):
    """A note was added; its text stays with cases."""

    name: ClassVar[str] = "referral.noted"

    told: list[UUID] = Field(default_factory=list)
    """Who stands in for an absent holder."""


class ReferralCompleted(ReferralState):
    """The holder finished, with an outcome."""

    name: ClassVar[str] = "referral.completed"

    outcome: Outcome
    service: str | None = None
    """Code of the service given; never free text."""


class ReferralReturned(ReferralState):
    """The receiver gave the referral back; the sender must act."""

    name: ClassVar[str] = "referral.returned"

    reason: ReturnReason


class ReferralResent(ReferralState):
    """The sender changed a returned referral and sent it again."""

    name: ClassVar[str] = "referral.resent"


class ReferralAssigned(ReferralState):
    """A coordinator gave the referral to one worker."""

    name: ClassVar[str] = "referral.assigned"

    previous_id: UUID | None
    """Who held it until now."""


class ReferralHeld(ReferralState):
    """The holder put the work off until a stated time; act-by and close-by stand still."""

    name: ClassVar[str] = "referral.held"

    until: datetime


class ReferralResumed(ReferralState):
    """The work goes on, by the holder or because the stated time came."""

    name: ClassVar[str] = "referral.resumed"


class ReferralRerouted(ReferralState):
    """The referral ended here; a new one goes elsewhere."""

    name: ClassVar[str] = "referral.rerouted"

    new_referral_id: UUID


class ReferralRecalled(ReferralState):
    """The sender took the referral back."""

    name: ClassVar[str] = "referral.recalled"


class ReferralCancelled(ReferralState):
    """The referral was called off."""

    name: ClassVar[str] = "referral.cancelled"


class ReferralCorrected(ReferralState):
    """The referral should never have been entered."""

    name: ClassVar[str] = "referral.entered_in_error"


class ReferralReminded(ReferralState):
    """Half or nine tenths of a deadline's time are gone."""

    name: ClassVar[str] = "referral.reminded"

    deadline: Deadline
    due_at: datetime
    told: list[UUID]


class ReferralEscalated(ReferralState):
    """A deadline was missed; somebody above was told."""

    name: ClassVar[str] = "referral.escalated"

    deadline: Deadline
    due_at: datetime
    told: list[UUID]


class GlassBroken(ReferralState):
    """Somebody outside the circle opened the referral in an emergency, for a limited time."""

    name: ClassVar[str] = "referral.glass_broken"

    until: datetime
    told: list[UUID]
    """The data protection officers of the area."""


class RuleChanged(EventData):
    """A routing rule holds differently in an area from now on."""

    publisher: ClassVar[str] = "cases"
    name: ClassVar[str] = "rule.changed"

    rule_id: str
    area: str
    rule_version: int
    pillar: str
    urgency: Urgency
    confidentiality: Confidentiality
    reply_minutes: int
    act_hours: int
    close_days: int
    retired: bool
    actor_id: UUID


EVENTS = (
    CaseOpened,
    CaseClosed,
    CaseReopened,
    CasePhaseChanged,
    ReferralSent,
    ReferralSeen,
    ReferralAccepted,
    ReferralStarted,
    ReferralNoted,
    ReferralCompleted,
    ReferralReturned,
    ReferralResent,
    ReferralAssigned,
    ReferralHeld,
    ReferralResumed,
    ReferralRerouted,
    ReferralRecalled,
    ReferralCancelled,
    ReferralCorrected,
    ReferralReminded,
    ReferralEscalated,
    GlassBroken,
    RuleChanged,
)
