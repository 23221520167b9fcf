"""Codes that cross a service boundary: the words every publisher and consumer must spell alike."""

from enum import StrEnum


class Role(StrEnum):
    """What a duty lets its holder do.

    Field work, coordination, oversight, administration, or watching over personal data (pejabat
    pelindungan data pribadi, UU 27/2022 art. 53).
    """

    WORKER = "worker"
    COORDINATOR = "coordinator"
    DINSOS = "dinsos"
    VILLAGE_HEAD = "village_head"
    ADMIN = "admin"
    DATA_PROTECTION = "data_protection"


class ReferralStatus(StrEnum):
    """Where a referral stands; the order of the members is the order of progress."""

    SENT = "sent"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    RETURNED = "returned"
    REROUTED = "rerouted"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"


class CasePhase(StrEnum):
    """Where the work on a case stands; the order of the members is the order of the work."""

    INTAKE = "intake"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    INTERVENTION = "intervention"
    MONITORING = "monitoring"


class Deadline(StrEnum):
    """The deadlines of a referral, and the end of a hold."""

    REPLY = "reply"
    ACT = "act"
    CLOSE = "close"
    HOLD = "hold"


class Urgency(StrEnum):
    """How soon help must come."""

    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Confidentiality(StrEnum):
    """Who may know: C1 assigned pillars; C2 worker, TKSK and case manager; C3 named persons."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"


class BeneficiaryKind(StrEnum):
    """Unit of record of a PPKS (Permensos 8/2012): it need not be a person."""

    PERSON = "person"
    FAMILY = "family"
    GROUP = "group"
    COMMUNITY = "community"


class LegalBasis(StrEnum):
    """Grounds for processing personal data, UU 27/2022 art. 20."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTEREST = "vital_interest"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Outcome(StrEnum):
    """What became of a completed referral."""

    NEED_MET = "need_met"
    PARTLY_MET = "partly_met"
    NO_SHOW = "no_show"
    REFUSED = "refused"
    MOVED = "moved"
    DIED = "died"
    REUNITED = "reunited"
    REFERRED_OUT = "referred_out"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"
    NOT_ELIGIBLE = "not_eligible"


class ReturnReason(StrEnum):
    """Why a receiver gave a referral back."""

    CAPACITY = "capacity"
    OUT_OF_AREA = "out_of_area"
    NOT_ELIGIBLE = "not_eligible"
    MISSING_INFORMATION = "missing_information"
    WRONG_PILLAR = "wrong_pillar"
    SAFETY = "safety"
    DUPLICATE = "duplicate"
    OTHER = "other"
