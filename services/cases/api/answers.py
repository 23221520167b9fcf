"""Shapes of the answers cases gives."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.cases.domain.referral import Referral, Step
from services.cases.domain.referral_status import Verb
from services.cases.domain.routing import Leg, Plan
from shared.contracts.codes import Confidentiality, LegalBasis, ReferralStatus, Urgency


class DutyOut(BaseModel):
    """The duty in which somebody acted."""

    pillar: str
    area: str


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
    acting_as: DutyOut
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
        acting_as = DutyOut(pillar=read("acting_pillar"), area=read("acting_area"))
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
    place: str
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
        status_only: bool = False,
    ) -> Self:
        """From the aggregate, with what the caller may do and the history when asked.

        With `status_only` every word about the person is left out: what a volunteer who reported
        a C3 need may still see.
        """
        due_at = referral.clocks.due_at
        history = [StepOut.of(step) for step in steps or []]
        full = cls(
            id=referral.id,
            case=CaseRef(id=referral.case_id, number=referral.case_number),
            beneficiary_id=referral.beneficiary_id,
            status=referral.status,
            version=referral.version,
            pillar=referral.pillar,
            area=referral.area,
            place=referral.place,
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
            history=history,
        )
        return full.without_words() if status_only else full

    def without_words(self) -> Self:
        """The same referral, saying no more than where it stands."""
        silent = {"note": None, "reason": None, "outcome": None, "service": None}
        return self.model_copy(
            update={
                "category": None,
                "situation": None,
                "need": None,
                "reasons": (),
                "flags": (),
                "history": [step.model_copy(update=silent) for step in self.history],
            }
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
    place: str
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
