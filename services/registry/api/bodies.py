"""Request bodies of registry."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from services.registry.domain.beneficiary import MAX_CATEGORIES, NikAbsentReason, Particulars
from services.registry.domain.birth import Birth, local_day
from services.registry.domain.consent import Consent, ConsentChannel
from services.registry.domain.disability import Disability
from services.registry.domain.errors import InvalidKk, InvalidNik
from services.registry.domain.kk import require_kk
from services.registry.domain.nik import require_nik
from services.registry.domain.point import Point
from services.registry.domain.sex import Sex
from services.registry.storage.lists import Search
from services.registry.use_cases.change_nik import ChangeNik
from services.registry.use_cases.find_lookalikes import Numbered
from services.registry.use_cases.register_beneficiary import RegisterBeneficiary
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.http import Input
from shared.ids import new_id
from shared.reference.areas import require_known


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
FewCodes = Annotated[
    list[CategoryCode], Field(max_length=MAX_CATEGORIES), AfterValidator(_without_repeats)
]
Codes = Annotated[FewCodes, Field(min_length=1)]


Aliases = Annotated[list[Name], Field(max_length=5), AfterValidator(_without_repeats)]
Disabilities = Annotated[
    list[Disability], Field(max_length=len(Disability)), AfterValidator(_without_repeats)
]
Size = Annotated[StrictInt, Field(ge=1, le=1_000_000)]
Digits = Annotated[str, StringConstraints(max_length=32)]


class PointIn(Input):
    """Degrees north and east (WGS 84)."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]

    def to_point(self) -> Point:
        """The point; raises `RuleViolated` for one outside Indonesia."""
        return Point.at(self.latitude, self.longitude)


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

    def to_consent(self, now: dt.datetime) -> Consent:
        """The agreement; raises `RuleViolated` for one of a day to come."""
        return Consent.given(self.text_version, self.channel, self.at, now=now)


class BeneficiaryIn(Input):
    """A new beneficiary; `id` may be chosen by the caller, as a device that was offline does.

    `different_from` names look-alikes who are somebody else, to be remembered as such;
    `accept_lookalikes` registers whoever looks alike.
    """

    id: UUID | None = None
    kind: BeneficiaryKind
    name: Name
    sex: Sex | None = None
    birth: BirthIn | None = None
    nik: Annotated[str, StringConstraints(max_length=32)] | None = None
    nik_absent_reason: NikAbsentReason | None = None
    kk: Digits | None = None
    aliases: Aliases = Field(default_factory=list)
    disabilities: Disabilities = Field(default_factory=list)
    point: PointIn | None = None
    size: Size | None = None
    area: AreaCode
    address: Address | None = None
    phone: Phone | None = None
    safe_contact: StrictBool | None = None
    categories: Codes
    legal_basis: LegalBasis
    consent: ConsentIn | None = None
    accept_lookalikes: StrictBool = False
    different_from: Annotated[list[UUID], Field(max_length=50)] = Field(default_factory=list)

    def to_command(self, now: dt.datetime) -> RegisterBeneficiary:
        """What is asked for, at this moment."""
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
                aliases=tuple(self.aliases),
                disabilities=tuple(self.disabilities),
                point=self.point.to_point() if self.point else None,
                size=self.size,
            ),
            nik=self.nik,
            nik_absent_reason=self.nik_absent_reason,
            kk=self.kk,
            legal_basis=self.legal_basis,
            consent=self.consent.to_consent(now) if self.consent else None,
            accept_lookalikes=self.accept_lookalikes,
            different_from=self.different_from,
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
    aliases: Aliases = Field(default_factory=list)
    disabilities: Disabilities = Field(default_factory=list)
    point: PointIn | None = None
    size: Size | None = None

    def to_changes(self, now: dt.datetime) -> dict[str, Any]:
        """Only the fields given, as `Particulars` holds them."""
        changes: dict[str, Any] = {field: getattr(self, field) for field in self.model_fields_set}
        if self.birth is not None:
            changes["birth"] = self.birth.to_birth(local_day(now))
        if self.point is not None:
            changes["point"] = self.point.to_point()
        for several in {"categories", "aliases", "disabilities"} & changes.keys():
            changes[several] = tuple(changes[several])
        return changes


class NikChange(Input):
    """The NIK of a registered person from now on, or why it is not known: one of the two."""

    nik: Annotated[str, StringConstraints(max_length=32)] | None = None
    nik_absent_reason: NikAbsentReason | None = None
    accept_lookalikes: StrictBool = False
    different_from: Annotated[list[UUID], Field(max_length=50)] = Field(default_factory=list)

    def to_command(self, beneficiary_id: UUID, expected_version: int | None) -> ChangeNik:
        """What is asked for."""
        return ChangeNik(
            id=beneficiary_id,
            nik=self.nik,
            nik_absent_reason=self.nik_absent_reason,
            accept_lookalikes=self.accept_lookalikes,
            different_from=self.different_from,
            expected_version=expected_version,
        )


class LookalikesIn(Input):
    """As much of a new beneficiary as is known yet; half a number is no number yet."""

    kind: BeneficiaryKind = BeneficiaryKind.PERSON
    name: Name
    sex: Sex | None = None
    birth: BirthIn | None = None
    area: AreaCode
    phone: Phone | None = None
    has_nik: StrictBool = False
    nik: Digits | None = None
    kk: Digits | None = None

    def to_numbered(self) -> Numbered | None:
        """The NIK of a person or No. KK of a family, if it can be one."""
        of_kind = {
            BeneficiaryKind.PERSON: (self.nik, require_nik),
            BeneficiaryKind.FAMILY: (self.kk, require_kk),
        }
        number, required = of_kind.get(self.kind, (None, require_nik))
        try:
            return Numbered(required(number), self.name) if number else None
        except (InvalidNik, InvalidKk):
            return None

    def to_particulars(self, now: dt.datetime) -> Particulars:
        """What is compared; raises `RuleViolated` for an impossible birth or unknown area."""
        require_known(self.area)
        return Particulars(
            name=self.name,
            area=self.area,
            categories=(),
            sex=self.sex,
            birth=self.birth.to_birth(local_day(now)) if self.birth else None,
            phone=self.phone,
        )


class LookupIn(Input):
    """Ids that a screen needs names for."""

    ids: Annotated[list[UUID], Field(max_length=100)]


class SearchIn(Input):
    """What to look for; a name only ever in a body, for addresses end up in logs of others too."""

    name: Annotated[str, StringConstraints(min_length=2, max_length=100)] | None = None
    area: AreaCode | None = None
    category: CategoryCode | None = None
    cursor: UUID | None = None
    limit: Annotated[StrictInt, Field(ge=1, le=100)] = 50

    def to_search(self) -> Search:
        """What is asked for."""
        return Search(
            name=self.name,
            area=self.area,
            category=self.category,
            after=self.cursor,
            limit=self.limit,
        )


class NikIn(Input):
    """A NIK to look for; only ever in a body, for addresses end up in logs."""

    nik: Annotated[str, StringConstraints(max_length=32)]
