"""What cases says: a case was opened or closed, a referral took a step."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.codes import Confidentiality, Outcome, ReferralStatus, ReturnReason, Urgency
from shared.contracts.envelope import EventData


class CaseState(EventData):
    """The shared state of a case."""

    publisher: ClassVar[str] = "cases"

    case_id: UUID
    number: str
    beneficiary_id: UUID
    area: str
    is_open: bool


class CaseOpened(CaseState):
    """A need was taken up; its case number is known to people."""

    name: ClassVar[str] = "case.opened"


class CaseClosed(CaseState):
    """Each leg of the case has ended."""

    name: ClassVar[str] = "case.closed"


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
    actor_id: UUID
    """Who took this step."""
    pool: list[UUID]
    """Workers who are told about a referral that nobody holds yet."""
    reply_by: datetime | None
    act_by: datetime | None
    close_by: datetime | None


class ReferralSent(ReferralState):
    """A referral left its sender and waits for a receiver."""

    name: ClassVar[str] = "referral.sent"


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


EVENTS = (
    CaseOpened,
    CaseClosed,
    ReferralSent,
    ReferralSeen,
    ReferralAccepted,
    ReferralStarted,
    ReferralNoted,
    ReferralCompleted,
    ReferralReturned,
    ReferralResent,
)
