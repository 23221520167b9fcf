"""Answer bodies of registry."""

import datetime as dt
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.registry.domain.beneficiary import Beneficiary, NikAbsentReason
from services.registry.domain.birth import Precision
from services.registry.domain.consent import ConsentChannel, Purpose
from services.registry.domain.disability import Disability
from services.registry.domain.finding import Finding
from services.registry.domain.sex import Sex
from services.registry.storage.lists import Page
from services.registry.storage.queries import Record
from services.registry.storage.summaries import Summary
from shared.contracts.codes import BeneficiaryKind, Confidentiality, LegalBasis, Outcome
from shared.reference.areas import label_of


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class WarningOut(_Out):
    """Something worth a second look; nothing was refused."""

    code: str
    pointer: str
    detail: str

    @classmethod
    def of(cls, findings: list[Finding]) -> list[Self]:
        """One warning per finding."""
        return [cls.model_validate(finding) for finding in findings]


class WarningsOut(BaseModel):
    """What looks odd after a change; nothing was refused."""

    warnings: list[WarningOut]


class RegisteredOut(BaseModel):
    """A beneficiary that now stands in the registry."""

    id: UUID
    version: int
    kind: BeneficiaryKind
    area: str
    categories: list[str]
    confidentiality: Confidentiality
    warnings: list[WarningOut]

    @classmethod
    def of(cls, beneficiary: Beneficiary, findings: list[Finding]) -> Self:
        """The answer to whoever registered it."""
        return cls(
            id=beneficiary.id,
            version=beneficiary.version,
            kind=beneficiary.kind,
            area=beneficiary.said.area,
            categories=list(beneficiary.said.categories),
            confidentiality=beneficiary.confidentiality,
            warnings=WarningOut.of(findings),
        )


class SummaryOut(_Out):
    """A beneficiary in a list; of a masked one the name is replaced."""

    id: UUID
    name: str
    kind: BeneficiaryKind
    sex: Sex | None
    birth_year: int | None
    area: str
    area_label: str
    categories: list[str]
    confidentiality: Confidentiality
    masked: bool

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """The summary with its place in words."""
        return cls(
            id=summary.id,
            name=summary.name,
            kind=BeneficiaryKind(summary.kind),
            sex=Sex(summary.sex) if summary.sex else None,
            birth_year=summary.birth_year,
            area=summary.area,
            area_label=label_of(summary.area),
            categories=summary.categories,
            confidentiality=Confidentiality(summary.confidentiality),
            masked=summary.masked,
        )


class SummaryListOut(BaseModel):
    """One page of a list."""

    items: list[SummaryOut]
    next: UUID | None = None
    cut: bool = False
    """Whether more fit the name than are listed: more words, an area or a category narrow it."""

    @classmethod
    def of(cls, page: Page) -> Self:
        """From what was found."""
        items = [SummaryOut.of(summary) for summary in page.items]
        return cls(items=items, next=page.next, cut=page.is_cut)


class NameOut(_Out):
    """A name for an id."""

    id: UUID
    name: str
    area: str
    kind: BeneficiaryKind
    masked: bool
    merged_into: UUID | None = None

    @classmethod
    def of(cls, asked: UUID, summary: Summary) -> Self:
        """The name under the id asked for, and what that record goes on as."""
        return cls(
            id=asked,
            name=summary.name,
            area=summary.area,
            kind=BeneficiaryKind(summary.kind),
            masked=summary.masked,
            merged_into=summary.id if summary.id != asked else None,
        )


class NameListOut(BaseModel):
    """The names of those of the ids that are in scope."""

    items: list[NameOut]


class BirthOut(BaseModel):
    """A birth as exactly as is known; `age` only where it was estimated."""

    precision: Precision
    date: dt.date | None
    year: int
    age: int | None


class LegalBasisOut(_Out):
    """Grounds for holding the record for one purpose, and their end once withdrawn."""

    id: UUID
    purpose: Purpose
    basis: LegalBasis
    text_version: str | None
    channel: ConsentChannel | None
    at: dt.datetime
    taken_by: UUID
    withdrawn_at: dt.datetime | None
    stops_at: dt.datetime | None
    stopped_at: dt.datetime | None


class ServiceReceivedOut(_Out):
    """What a completed referral achieved."""

    referral_id: UUID
    outcome: Outcome
    service: str | None
    at: dt.datetime


class MergedOut(_Out):
    """A record that goes on as another; its name only where the caller may see it in lists."""

    id: UUID
    at: dt.datetime
    name: str | None
    area: str | None


class PointOut(BaseModel):
    """Degrees north and east (WGS 84)."""

    latitude: float
    longitude: float


class RecordOut(_Out):
    """One whole record; NIK and No. KK are shown as `3508********0001`.

    A masked one tells neither who it is nor where exactly.
    """

    id: UUID
    version: int
    kind: BeneficiaryKind
    name: str
    sex: Sex | None
    birth: BirthOut | None
    nik: str | None
    nik_absent_reason: NikAbsentReason | None
    kk: str | None
    aliases: list[str]
    disabilities: list[Disability]
    point: PointOut | None
    size: int | None
    area: str
    area_label: str
    address: str | None
    phone: str | None
    safe_contact: bool | None
    categories: list[str]
    confidentiality: Confidentiality
    masked: bool
    registered_by: UUID
    registered_at: dt.datetime
    changed_at: dt.datetime
    restricted_at: dt.datetime | None
    legal_bases: list[LegalBasisOut]
    services_received: list[ServiceReceivedOut]
    merged_into: UUID | None
    merged_from: list[MergedOut]
    """Records that go on as this one."""
    contact_withheld: bool
    """Phone and address are left out: this reader may use a safe contact alone."""
    warnings: list[WarningOut] = []

    @classmethod
    def of(cls, record: Record, today: dt.date, findings: list[Finding] | None = None) -> Self:
        """The record with its place in words and, after a change, what looks odd."""
        fields = {name: getattr(record, name) for name in Record.__slots__}
        precision, year = fields.pop("birth_precision"), fields.pop("birth_year")
        day = fields.pop("birth_on")
        latitude, longitude = fields.pop("latitude"), fields.pop("longitude")
        birth = None
        if precision is not None:
            estimated = precision == Precision.AGE
            birth = BirthOut(
                precision=precision,
                date=day,
                year=year,
                age=today.year - year if estimated else None,
            )
        return cls(
            **fields,
            birth=birth,
            point=None if latitude is None else PointOut(latitude=latitude, longitude=longitude),
            area_label=label_of(record.area),
            warnings=WarningOut.of(findings or []),
        )


class FactsOut(_Out):
    """What other services may know of a record: ids and codes."""

    id: UUID
    version: int
    kind: BeneficiaryKind
    area: str
    confidentiality: Confidentiality
    categories: list[str]
    merged_into: UUID | None


class TrailEntryOut(_Out):
    """One look at a record, or one change of it."""

    id: int
    at: dt.datetime
    actor_id: UUID
    actor_kind: str
    action: str
    detail: str | None


class TrailOut(BaseModel):
    """One page of a record's trail, newest first."""

    items: list[TrailEntryOut]
    next: int | None = None


class CandidateOut(BaseModel):
    """A registered record that may be the same, with reasons in words.

    Where the caller may know only that there is one, `id` leads to no record: it serves to say of
    it that it is somebody else.
    """

    id: UUID
    score: float
    reasons: list[str]


class CandidateListOut(BaseModel):
    """The likest first."""

    items: list[CandidateOut]
