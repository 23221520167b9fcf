"""Shapes of the answers cases gives."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.cases.domain.flags import Bind, advice_of, binds
from services.cases.domain.legs import LegRole
from services.cases.domain.outside import OutsideService
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Verb
from services.cases.domain.steps import Step
from shared.contracts.codes import Confidentiality, LegalBasis, ReferralStatus, Urgency


class DutyOut(BaseModel):
    """The duty in which somebody acted."""

    pillar: str
    area: str


class CaseRef(BaseModel):
    """The case a referral belongs to."""

    id: UUID
    number: str


class OutsideServiceOut(BaseModel):
    """An outside service as its senders see it."""

    id: UUID
    kind: str
    area: str
    name: str
    phone: str | None
    address: str | None
    active: bool

    @classmethod
    def of(cls, one: OutsideService) -> Self:
        """From a service."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class StepFileOut(BaseModel):
    """A file that goes with a note."""

    id: UUID
    media_type: str
    bytes: int
    thumbnail: bool
    """Whether a small picture of it may be shown."""

    @classmethod
    def of(cls, row: Any) -> Self:
        """From a row of attachments."""
        return cls(
            id=row["id"],
            media_type=row["media_type"],
            bytes=row["size"],
            thumbnail=row["has_thumbnail"],
        )


class StepOut(BaseModel):
    """One line of the history."""

    version: int
    verb: Verb
    status: ReferralStatus
    at: datetime
    occurred_at: datetime
    actor_id: UUID | None
    """None for the clock."""
    acting_as: DutyOut | None
    note: str | None
    reason: str | None
    outcome: str | None
    service: str | None
    subject_id: UUID | None
    """The worker it was assigned to, or the referral that took its place."""
    attachments: list[StepFileOut] = []

    @classmethod
    def of(cls, step: Step | Any) -> Self:
        """From a step or its row."""
        read = step.get if hasattr(step, "get") else lambda name: getattr(step, name)
        names = (
            "version", "verb", "status", "at", "occurred_at", "actor_id", "note", "reason",
            "outcome", "service", "subject_id",
        )  # fmt: skip
        pillar, area = read("acting_pillar"), read("acting_area")
        acting_as = DutyOut(pillar=pillar, area=area) if pillar and area else None
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
    sender_id: UUID | None
    """None where the reporter is protected from the receivers."""
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
    ended_at: datetime | None
    hold_until: datetime | None
    overdue: bool
    escalation_level: int
    role: LegRole
    service_id: UUID | None
    service: OutsideServiceOut | None = None
    """The outside service it goes to; its sender keeps the status."""
    rerouted_from: UUID | None
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    advice: tuple[str, ...] = ()
    """What the flags ask of those who work on it, in words."""
    safe_contact_only: bool = False
    allowed: list[Verb] = []
    history: list[StepOut] = []
    warnings: tuple[str, ...] = ()
    """What whoever has just sent it on should know of those it goes to."""

    @classmethod
    def of(
        cls,
        referral: Referral,
        *,
        now: datetime,
        allowed: list[Verb] | None = None,
        steps: list[Any] | None = None,
        files: Sequence[Any] = (),
        service: OutsideService | None = None,
        status_only: bool = False,
        glass_reasons: bool = False,
        hide_sender: bool = False,
    ) -> Self:
        """From the aggregate, with what the caller may do and the history when asked.

        With `status_only` every word about the person is left out: what a volunteer who reported
        a C3 need may still see. With `glass_reasons` it says all the same why somebody opened it
        in an emergency. With `hide_sender` it does not say who reported it.
        """
        due_at = referral.clocks.due_at
        history = [StepOut.of(step) for step in steps or []]
        by_version = {step.version: step for step in history}
        for row in files:
            by_version[row["step_version"]].attachments.append(StepFileOut.of(row))
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
            ended_at=referral.ended_at,
            hold_until=referral.clocks.hold_until,
            overdue=due_at is not None and due_at < now,
            escalation_level=referral.escalation_level,
            role=referral.role,
            service_id=referral.service_id,
            service=OutsideServiceOut.of(service) if service else None,
            rerouted_from=referral.rerouted_from,
            reasons=referral.reasons,
            flags=referral.flags,
            advice=advice_of(referral.flags),
            safe_contact_only=binds(referral.flags, Bind.SAFE_CONTACT),
            allowed=allowed or [],
            history=history,
        )
        if hide_sender:
            full = full.without_sender()
        return full.without_words(glass_reasons=glass_reasons) if status_only else full

    def without_sender(self) -> Self:
        """The same referral, not saying who reported it."""
        steps = [
            step.model_copy(update={"actor_id": None, "acting_as": None})
            if step.actor_id == self.sender_id
            else step
            for step in self.history
        ]
        return self.model_copy(update={"sender_id": None, "history": steps})

    def without_words(self, *, glass_reasons: bool) -> Self:
        """The same referral, saying no more than where it stands."""
        silent: dict[str, Any] = {
            "note": None,
            "reason": None,
            "outcome": None,
            "service": None,
            "attachments": [],
        }
        return self.model_copy(
            update={
                "category": None,
                "situation": None,
                "need": None,
                "service": None,
                "reasons": (),
                "flags": (),
                "advice": (),
                "history": [
                    step
                    if glass_reasons and step.verb is Verb.BREAK_GLASS
                    else step.model_copy(update=silent)
                    for step in self.history
                ],
            }
        )


class SentOut(BaseModel):
    """The answer to sending: the case and its new referral."""

    case: CaseRef
    referrals: list[ReferralOut]
    warnings: tuple[str, ...]
