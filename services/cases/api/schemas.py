"""Shapes of requests and answers of cases."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from services.cases.domain.referral import Referral, Step
from services.cases.domain.referral_status import Verb
from services.cases.domain.routing import Leg, Plan
from services.cases.use_cases.access import ActingAs
from services.cases.use_cases.plan_referral import SendReferral
from shared.contracts.codes import (
    Confidentiality,
    LegalBasis,
    Outcome,
    ReferralStatus,
    ReturnReason,
    Urgency,
)
from shared.http import Input

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Z0-9_]+$")]
AreaCode = Annotated[str, StringConstraints(min_length=2, max_length=13)]


class ActingAsIn(Input):
    """The duty in which the caller acts."""

    pillar: Code
    area: AreaCode


class TargetIn(Input):
    """A receiver chosen by the sender instead of by the rules."""

    pillar: Code | None = None
    area: AreaCode | None = None
    worker_id: UUID | None = None


class AttributesIn(Input):
    """Facts the routing rules ask for."""

    age: Annotated[int, Field(ge=0, le=130)] | None = None
    has_family: bool | None = None
    legal_role: Annotated[str, StringConstraints(max_length=40)] | None = None


class SendReferralIn(Input):
    """A need and whom it is for."""

    beneficiary_id: UUID
    case_id: UUID | None = None
    category: Code
    situation: Code
    attributes: AttributesIn = AttributesIn()
    area: AreaCode
    need: Text
    urgency: Urgency | None = None
    urgency_reason: Text | None = None
    target: TargetIn = TargetIn()
    legal_basis: LegalBasis
    acting_as: ActingAsIn | None = None
    occurred_at: AwareDatetime | None = None

    def command(self) -> SendReferral:
        """The command behind the request."""
        return SendReferral(
            beneficiary_id=self.beneficiary_id,
            case_id=self.case_id,
            category=self.category,
            situation=self.situation,
            attributes=self.attributes.model_dump(exclude_none=True),
            area=self.area,
            need=self.need,
            urgency=self.urgency,
            urgency_reason=self.urgency_reason,
            target_pillar=self.target.pillar,
            target_area=self.target.area,
            target_worker=self.target.worker_id,
            legal_basis=self.legal_basis,
            acting_as=_acting_as(self.acting_as),
            occurred_at=self.occurred_at,
        )


class VerbIn(Input):
    """What every verb takes."""

    acting_as: ActingAsIn | None = None
    occurred_at: AwareDatetime | None = None

    def duty(self) -> ActingAs | None:
        """The duty named, if any."""
        return _acting_as(self.acting_as)


class NoteIn(VerbIn):
    """Words for the other side."""

    text: Text


class CompleteIn(VerbIn):
    """How it ended."""

    outcome: Outcome
    service: Code | None = None
    note: Text | None = None


class ReturnIn(VerbIn):
    """Why it comes back."""

    reason: ReturnReason
    note: Text | None = None


class ResendIn(VerbIn):
    """What changed."""

    change: Text


class CaseRef(BaseModel):
    """The case a referral belongs to."""

    id: UUID
    number: str


class StepOut(BaseModel):
    """One line of the history."""

    version: int
    verb: Verb
    status: ReferralStatus
    at: datetime
    occurred_at: datetime
    actor_id: UUID
    acting_as: ActingAsIn
    note: str | None
    reason: str | None
    outcome: str | None
    service: str | None

    @classmethod
    def of(cls, step: Step | Any) -> Self:
        """From a step or its row."""
        read = step.get if hasattr(step, "get") else lambda name: getattr(step, name)
        names = (
            "version", "verb", "status", "at", "occurred_at", "actor_id", "note", "reason",
            "outcome", "service",
        )  # fmt: skip
        acting_as = ActingAsIn(pillar=read("acting_pillar"), area=read("acting_area"))
        return cls(**{name: read(name) for name in names}, acting_as=acting_as)


class ReferralOut(BaseModel):
    """A referral as its people see it."""

    id: UUID
    case: CaseRef
    beneficiary_id: UUID
    status: ReferralStatus
    version: int
    pillar: str
    area: str
    organisation_id: UUID | None
    worker_id: UUID | None
    holder_id: UUID | None
    sender_id: UUID
    category: str | None
    situation: str | None
    urgency: Urgency
    confidentiality: Confidentiality
    need: str | None
    legal_basis: LegalBasis
    reply_by: datetime | None
    act_by: datetime | None
    close_by: datetime | None
    due_at: datetime | None
    """The next open deadline; none while the clocks are paused or stopped."""
    sent_at: datetime | None
    seen_at: datetime | None
    overdue: bool
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    allowed: list[Verb] = []
    history: list[StepOut] = []

    @classmethod
    def of(
        cls,
        referral: Referral,
        *,
        now: datetime,
        allowed: list[Verb] | None = None,
        steps: list[Any] | None = None,
    ) -> Self:
        """From the aggregate, with what the caller may do and the history when asked."""
        due_at = referral.clocks.due_at
        return cls(
            id=referral.id,
            case=CaseRef(id=referral.case_id, number=referral.case_number),
            beneficiary_id=referral.beneficiary_id,
            status=referral.status,
            version=referral.version,
            pillar=referral.pillar,
            area=referral.area,
            organisation_id=referral.organisation_id,
            worker_id=referral.worker_id,
            holder_id=referral.holder_id,
            sender_id=referral.sender_id,
            category=referral.category,
            situation=referral.situation,
            urgency=referral.urgency,
            confidentiality=referral.confidentiality,
            need=referral.need,
            legal_basis=referral.legal_basis,
            reply_by=referral.clocks.reply_by,
            act_by=referral.clocks.act_by,
            close_by=referral.clocks.close_by,
            due_at=due_at,
            sent_at=referral.sent_at,
            seen_at=referral.seen_at,
            overdue=due_at is not None and due_at < now,
            reasons=referral.reasons,
            flags=referral.flags,
            allowed=allowed or [],
            history=[StepOut.of(step) for step in steps or []],
        )


class SentOut(BaseModel):
    """The answer to sending: the case and its new referral."""

    case: CaseRef
    referrals: list[ReferralOut]
    warnings: tuple[str, ...]


class WorklistItem(BaseModel):
    """One line of a worklist; without words about the person."""

    referral_id: UUID
    case_id: UUID
    case_number: str
    beneficiary_id: UUID
    status: ReferralStatus
    version: int
    pillar: str
    area: str
    category: str | None
    situation: str | None
    urgency: Urgency
    confidentiality: Confidentiality
    worker_id: UUID | None
    holder_id: UUID | None
    sender_id: UUID
    reply_by: datetime | None
    act_by: datetime | None
    close_by: datetime | None
    due_at: datetime | None
    sent_at: datetime
    seen_at: datetime | None
    overdue: bool
    escalation_level: int = 0

    @classmethod
    def of(cls, row: Any, now: datetime) -> Self:
        """From a row of referrals."""
        hidden = row["confidentiality"] == Confidentiality.C3.value
        values = {name: row[name] for name in cls.model_fields if name in row}
        values["referral_id"] = row["id"]
        values["overdue"] = row["due_at"] is not None and row["due_at"] < now
        if hidden:
            values["category"] = values["situation"] = None
        return cls(**values)


class PersonOut(BaseModel):
    """Somebody who would be told."""

    worker_id: UUID
    pillar: str
    area: str
    absent: bool


class LegOut(BaseModel):
    """One receiver of a plan."""

    role: str
    pillar: str
    area: str
    worker_id: UUID | None
    people: list[PersonOut]
    urgency: Urgency
    confidentiality: Confidentiality
    reply_by: datetime
    act_by: datetime
    close_by: datetime
    reasons: tuple[str, ...]
    flags: tuple[str, ...]


class PlanOut(BaseModel):
    """What sending would do, and why."""

    rule_id: str
    legs: list[LegOut]
    external_services: tuple[str, ...]
    warnings: tuple[str, ...]
    lowers_urgency: bool

    @classmethod
    def of(cls, plan: Plan, now: datetime) -> Self:
        """From a plan, with the deadlines it would set now."""
        return cls(
            rule_id=plan.rule.id,
            legs=[_leg(leg, plan, now) for leg in (plan.primary, *plan.supporting)],
            external_services=plan.rule.external_services,
            warnings=plan.warnings,
            lowers_urgency=plan.lowers_urgency,
        )


def _leg(leg: Leg, plan: Plan, now: datetime) -> LegOut:
    limits = plan.rule.limits
    return LegOut(
        role=leg.role,
        pillar=leg.pillar,
        area=leg.area,
        worker_id=leg.worker_id,
        people=[
            PersonOut(worker_id=one.worker_id, pillar=one.pillar, area=one.area, absent=one.absent)
            for one in leg.people
        ],
        urgency=plan.urgency,
        confidentiality=plan.confidentiality,
        reply_by=now + limits.reply,
        act_by=now + limits.act,
        close_by=now + limits.close,
        reasons=leg.reasons,
        flags=plan.rule.flags,
    )


def _acting_as(given: ActingAsIn | None) -> ActingAs | None:
    return ActingAs(given.pillar, given.area) if given else None
