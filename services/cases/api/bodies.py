"""Shapes of the requests cases takes."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from services.cases.domain.attachments import MAX_PER_NOTE
from services.cases.use_cases.access import ActingAs
from services.cases.use_cases.plan_referral import LegWanted, SendReferral
from services.cases.use_cases.reroute_referral import Target
from shared.contracts.codes import LegalBasis, Outcome, ReturnReason, Urgency
from shared.http import Input

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Z0-9_]+$")]
AreaCode = Annotated[str, StringConstraints(min_length=2, max_length=13)]
CaseNumber = Annotated[str, StringConstraints(max_length=30, pattern=r"^RJ-[0-9.]+-\d+-\d+$")]


class ActingAsIn(Input):
    """The duty in which the caller acts."""

    pillar: Code
    area: AreaCode


class TargetIn(Input):
    """A receiver chosen instead of by the rules: of a pillar, by name, or an outside service."""

    pillar: Code | None = None
    area: AreaCode | None = None
    worker_id: UUID | None = None
    service: UUID | None = None


class AttributesIn(Input):
    """Facts the routing rules ask for."""

    age: Annotated[int, Field(ge=0, le=130)] | None = None
    has_family: bool | None = None
    legal_role: Annotated[str, StringConstraints(max_length=40)] | None = None
    guardian_is_suspect: bool | None = None
    consent_by: Literal["person", "guardian", "best_interest"] | None = None


class LegIn(Input):
    """A supporting leg the sender wants: at once, or when the primary one has ended."""

    pillar: Code | None = None
    area: AreaCode | None = None
    after_primary: bool = False
    service: UUID | None = None
    """An outside service in place of a pillar; it is always asked at once."""

    @model_validator(mode="after")
    def one_receiver(self) -> Self:
        """A pillar or an outside service, and not both."""
        if (self.pillar is None) is (self.service is None):
            raise ValueError("name either a pillar or a service")
        if self.service is not None and self.after_primary:
            raise ValueError("an outside service is asked at once")
        return self


class SendReferralIn(Input):
    """A need and whom it is for."""

    beneficiary_id: UUID
    case_id: UUID | None = None
    category: Code
    situation: Code
    attributes: AttributesIn = Field(default_factory=AttributesIn)
    area: AreaCode
    need: Text
    urgency: Urgency | None = None
    urgency_reason: Text | None = None
    target: TargetIn = Field(default_factory=TargetIn)
    legs: Annotated[tuple[LegIn, ...], Field(max_length=8)] = ()
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
            target_service=self.target.service,
            legs=tuple(
                LegWanted(leg.pillar, leg.area, leg.after_primary, leg.service) for leg in self.legs
            ),
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
    attachment_ids: Annotated[tuple[UUID, ...], Field(max_length=MAX_PER_NOTE)] = ()


class CompleteIn(VerbIn):
    """How it ended."""

    outcome: Outcome
    service: Code | None = None
    note: Text | None = None


class ReturnIn(VerbIn):
    """Why it comes back."""

    reason: ReturnReason
    note: Text | None = None


class AssignIn(VerbIn):
    """Who shall do it."""

    worker_id: UUID
    note: Text | None = None


class HoldIn(VerbIn):
    """Why it waits, and until when."""

    reason: Text
    until: AwareDatetime


class ReasonIn(VerbIn):
    """Why it ends here."""

    reason: Text


class RerouteIn(VerbIn):
    """Where it shall go instead."""

    target: TargetIn
    note: Text | None = None

    def chosen(self) -> Target:
        """The receiver behind the request."""
        return Target(**self.target.model_dump())


class ResendIn(VerbIn):
    """What changed."""

    change: Text


def _acting_as(given: ActingAsIn | None) -> ActingAs | None:
    return ActingAs(given.pillar, given.area) if given else None
