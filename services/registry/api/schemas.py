"""Request and answer bodies of registry."""

import datetime as dt
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from services.registry.domain.beneficiary import MAX_CATEGORIES, NikAbsentReason, Particulars
from services.registry.domain.birth import Birth, Precision, local_day
from services.registry.domain.consent import Consent, ConsentChannel
from services.registry.domain.finding import Finding
from services.registry.domain.sex import Sex
from services.registry.storage.queries import Record, Summary
from services.registry.use_cases.register_beneficiary import RegisterBeneficiary
from shared.contracts.codes import BeneficiaryKind, Confidentiality, LegalBasis, Outcome
from shared.http import Input
from shared.ids import new_id
from shared.reference.areas import label_of


def _text_only(value: Any) -> Any:
    """Pydantic would also take a number of seconds for a day."""
    if not isinstance(value, str):
        raise ValueError("must be text")  # noqa: TRY004 - Pydantic reports ValueError alone
    return value


def _without_repeats(codes: list[str]) -> list[str]:
    return list(dict.fromkeys(codes))


Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
AreaCode = Annotated[str, StringConstraints(max_length=13)]
CategoryCode = Annotated[str, StringConstraints(min_length=1, max_length=10)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ().-]{5,25}$")]
Day = Annotated[dt.date, BeforeValidator(_text_only)]
Codes = Annotated[
    list[CategoryCode],
    Field(min_length=1, max_length=MAX_CATEGORIES),
    AfterValidator(_without_repeats),
]


class BirthIn(Input):
    """Exactly one of date, year or estimated age."""

    date: Day | None = None
    year: StrictInt | None = None
    age: StrictInt | None = None

    def to_birth(self, today: dt.date) -> Birth:
        """The birth meant; raises `RuleViolated` for an impossible one."""
        return Birth.said(day=self.date, year=self.year, age=self.age, today=today)


class ConsentIn(Input):
    """How the person agreed."""

    text_version: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    channel: ConsentChannel
    at: AwareDatetime | None = None


class BeneficiaryIn(Input):
    """A new beneficiary; `id` may be chosen by the caller, as a device that was offline does."""

    id: UUID | None = None
    kind: BeneficiaryKind
    name: Name
    sex: Sex | None = None
    birth: BirthIn | None = None
    nik: Annotated[str, StringConstraints(max_length=32)] | None = None
    nik_absent_reason: NikAbsentReason | None = None
    area: AreaCode
    address: Address | None = None
    phone: Phone | None = None
    safe_contact: StrictBool | None = None
    categories: Codes
    legal_basis: LegalBasis
    consent: ConsentIn | None = None
    accept_lookalikes: StrictBool = False

    def to_command(self, now: dt.datetime) -> RegisterBeneficiary:
        """What is asked for, at this moment."""
        consent = self.consent
        return RegisterBeneficiary(
            id=self.id or new_id(),
            kind=self.kind,
            said=Particulars(
                name=self.name,
                area=self.area,
                categories=tuple(self.categories),
                sex=self.sex,
                birth=self.birth.to_birth(local_day(now)) if self.birth else None,
                address=self.address,
                phone=self.phone,
                safe_contact=self.safe_contact,
            ),
            nik=self.nik,
            nik_absent_reason=self.nik_absent_reason,
            legal_basis=self.legal_basis,
            consent=Consent(consent.text_version, consent.channel, consent.at) if consent else None,
            accept_lookalikes=self.accept_lookalikes,
        )


class BeneficiaryPatch(Input):
    """What to say from now on; a field left out stays, null empties one that may be empty."""

    name: Name = ""
    sex: Sex | None = None
    birth: BirthIn | None = None
    area: AreaCode = ""
    address: Address | None = None
    phone: Phone | None = None
    safe_contact: StrictBool | None = None
    categories: Codes = Field(default_factory=list)

    def to_changes(self, now: dt.datetime) -> dict[str, Any]:
        """Only the fields given, as `Particulars` holds them."""
        changes: dict[str, Any] = {field: getattr(self, field) for field in self.model_fields_set}
        if self.birth is not None:
            changes["birth"] = self.birth.to_birth(local_day(now))
        if "categories" in changes:
            changes["categories"] = tuple(self.categories)
        return changes


class LookupIn(Input):
    """Ids that a screen needs names for."""

    ids: Annotated[list[UUID], Field(max_length=100)]


class NikIn(Input):
    """A NIK to look for; only ever in a body, for addresses end up in logs."""

    nik: Annotated[str, StringConstraints(max_length=32)]


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


class RegisteredOut(BaseModel):
    """A beneficiary that now stands in the registry."""

    id: UUID
    version: int
    kind: BeneficiaryKind
    area: str
    categories: list[str]
    confidentiality: Confidentiality
    warnings: list[WarningOut]


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


class NameOut(_Out):
    """A name for an id."""

    id: UUID
    name: str
    area: str
    kind: BeneficiaryKind
    masked: bool


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
    """Grounds for holding the record."""

    basis: LegalBasis
    text_version: str | None
    channel: ConsentChannel | None
    at: dt.datetime
    taken_by: UUID


class ServiceReceivedOut(_Out):
    """What a completed referral achieved."""

    referral_id: UUID
    outcome: Outcome
    service: str | None
    at: dt.datetime


class RecordOut(_Out):
    """One whole record; the NIK is shown as `3508********0001`."""

    id: UUID
    version: int
    kind: BeneficiaryKind
    name: str
    sex: Sex | None
    birth: BirthOut | None
    nik: str | None
    nik_absent_reason: NikAbsentReason | None
    area: str
    area_label: str
    address: str | None
    phone: str | None
    safe_contact: bool | None
    categories: list[str]
    confidentiality: Confidentiality
    registered_by: UUID
    registered_at: dt.datetime
    changed_at: dt.datetime
    legal_bases: list[LegalBasisOut]
    services_received: list[ServiceReceivedOut]
    warnings: list[WarningOut] = []

    @classmethod
    def of(cls, record: Record, today: dt.date, findings: list[Finding] | None = None) -> Self:
        """The record with its place in words and, after a change, what looks odd."""
        fields = {name: getattr(record, name) for name in Record.__slots__}
        precision, year = fields.pop("birth_precision"), fields.pop("birth_year")
        day = fields.pop("birth_on")
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
