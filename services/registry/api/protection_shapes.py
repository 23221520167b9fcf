"""What is asked and answered about the protection of people's data."""

import datetime as dt
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StrictBool, StringConstraints

from services.registry.api.answers import WarningOut
from services.registry.api.bodies import AreaCode, ConsentIn, Name
from services.registry.domain.consent import ConsentChannel, Grounds, Purpose
from services.registry.domain.requests import Decision, Refusal, RequestKind, RequestState
from services.registry.storage.protection import Protection
from services.registry.storage.requests import Listed
from shared.audit import Verdict
from shared.contracts.codes import BeneficiaryKind, Confidentiality, LegalBasis
from shared.http import Input
from shared.reference.areas import label_of

Words = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class GroundsIn(Input):
    """Why data may be held for one purpose."""

    purpose: Purpose = Purpose.SERVICE
    basis: LegalBasis
    consent: ConsentIn | None = None
    guardian: Name | None = None
    guardian_is_suspect: StrictBool = False
    """Whether who would agree for the person may be who did the harm; such a one is not asked."""

    def to_grounds(self, now: dt.datetime) -> Grounds:
        """The grounds meant; raises `RuleViolated` where they do not hold together."""
        return Grounds.given(
            purpose=self.purpose,
            basis=self.basis,
            consent=self.consent.to_consent(now) if self.consent else None,
            guardian=self.guardian,
            guardian_is_suspect=self.guardian_is_suspect,
        )


class WithdrawalIn(Input):
    """A consent is withdrawn; no reason need be given."""

    words: Words | None = None


class RequestIn(Input):
    """What a person asks of their data."""

    kind: Literal[
        RequestKind.ACCESS, RequestKind.CORRECTION, RequestKind.RESTRICTION, RequestKind.ERASURE
    ]
    words: Words | None = None


class BreachIn(Input):
    """Personal data got out: what, how, and what is done about it; no names."""

    area: AreaCode
    words: Words


class DecisionIn(Input):
    """How a request is answered; without a refusal it is granted."""

    refusal: Refusal | None = None
    answer: Words | None = None

    def to_decision(self) -> Decision:
        """The decision meant."""
        return Decision(self.refusal, self.answer)


class MadeOut(BaseModel):
    """The id of what was written down, and what looks odd about it."""

    id: UUID
    warnings: list[WarningOut] = []


class HandledOut(BaseModel):
    """A request that is answered."""

    id: UUID
    state: RequestState


class Out(BaseModel):
    """Base of answers read from what was found."""

    model_config = ConfigDict(from_attributes=True)


class GroundsOut(Out):
    """Grounds with who agreed for the person."""

    id: UUID
    purpose: Purpose
    basis: LegalBasis
    text_version: str | None
    channel: ConsentChannel | None
    at: dt.datetime
    taken_by: UUID
    guardian: str | None
    withdrawn_at: dt.datetime | None
    stops_at: dt.datetime | None
    stopped_at: dt.datetime | None


class RequestOut(Out):
    """A request of a person, and how it was answered."""

    id: UUID
    kind: RequestKind
    state: RequestState
    words: str | None
    taken_by: UUID
    received_at: dt.datetime
    due_at: dt.datetime
    reminded_at: dt.datetime | None
    handled_by: UUID | None
    handled_at: dt.datetime | None
    refusal: Refusal | None
    answer: str | None


class ProtectionOut(Out):
    """Grounds, requests and the end of one record."""

    id: UUID
    name: str
    kind: BeneficiaryKind
    area: str
    area_label: str
    confidentiality: Confidentiality
    restricted_at: dt.datetime | None
    erase_at: dt.datetime | None
    retain_until: dt.date
    """When it is anonymised if nothing happens to it any more."""
    grounds: list[GroundsOut]
    requests: list[RequestOut]

    @classmethod
    def of(cls, found: Protection) -> Self:
        """The same with its place in words."""
        fields = {name: getattr(found, name) for name in Protection.__slots__}
        return cls(**fields, area_label=label_of(found.area))


class ListedOut(Out):
    """A request in the officer's list; without name and words where lists show none."""

    id: UUID
    kind: RequestKind
    beneficiary_id: UUID | None
    name: str | None
    area: str
    area_label: str
    state: RequestState
    received_at: dt.datetime
    due_at: dt.datetime
    reminded_at: dt.datetime | None
    handled_at: dt.datetime | None
    refusal: Refusal | None
    words: str | None

    @classmethod
    def of(cls, found: Listed) -> Self:
        """The same with its place in words."""
        fields = {name: getattr(found, name) for name in Listed.__slots__}
        return cls(**fields, area_label=label_of(found.area))


class RequestListOut(BaseModel):
    """One page of requests, what is due first at the top."""

    items: list[ListedOut]
    next: UUID | None = None


class ChainOut(BaseModel):
    """How far the audit chain holds, and the first row that does not."""

    rows: int
    position: int
    broken_at: int | None
    is_whole: bool

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """What checking found."""
        return cls(
            rows=verdict.rows,
            position=verdict.position,
            broken_at=verdict.broken_at,
            is_whole=verdict.is_whole,
        )
