"""A beneficiary: a person, family, group or community in need, and what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.registry.domain.birth import Birth
from services.registry.domain.category_rules import category_findings
from services.registry.domain.errors import InvalidNik
from services.registry.domain.finding import Finding
from services.registry.domain.nik import nik_findings, require_nik
from services.registry.domain.sex import Sex
from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.contracts.envelope import EventData
from shared.contracts.registry import (
    BeneficiaryChanged,
    BeneficiaryMerged,
    BeneficiaryRegistered,
    BeneficiaryUnmerged,
)
from shared.errors import RuleViolated
from shared.reference.areas import LENGTH_OF, Level, require_known
from shared.reference.categories import CATEGORIES, require_category, sensitivity_of

MAX_CATEGORIES: Final = 26


class NikAbsentReason(StrEnum):
    """Why a person's NIK is not known: none was issued, nobody knows, refused, or lost."""

    NONE = "none"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Everything a worker may say of a beneficiary and change later."""

    name: str = field(repr=False)
    area: str
    categories: tuple[str, ...]
    sex: Sex | None = None
    birth: Birth | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    safe_contact: bool | None = None
    """Whether a call to `phone` is safe for the person."""


@dataclass(slots=True, kw_only=True)
class Beneficiary:
    """One record; each method that changes it also states the event."""

    id: UUID
    kind: BeneficiaryKind
    said: Particulars
    registered_by: UUID
    nik: str | None = field(default=None, repr=False)
    nik_absent_reason: NikAbsentReason | None = None
    granted_to: tuple[UUID, ...] = ()
    merged_into: UUID | None = None
    """The record that remains of this one, if another does."""
    version: int = 1
    stated: list[EventData] = field(default_factory=list)

    @classmethod
    def register(
        cls,
        *,
        beneficiary_id: UUID,
        kind: BeneficiaryKind,
        said: Particulars,
        registered_by: UUID,
        nik: str | None,
        nik_absent_reason: NikAbsentReason | None,
    ) -> Self:
        """A new record; raises a `RuleViolated` that points at the field that does not hold."""
        _require_fitting(kind, said)
        _require_nik_or_reason(kind, nik, nik_absent_reason)
        beneficiary = cls(
            id=beneficiary_id,
            kind=kind,
            said=said,
            registered_by=registered_by,
            nik=nik,
            nik_absent_reason=nik_absent_reason,
        )
        beneficiary.stated.append(BeneficiaryRegistered(**beneficiary._state()))
        return beneficiary

    @property
    def confidentiality(self) -> Confidentiality:
        """The highest sensitivity among the categories."""
        return sensitivity_of(self.said.categories)

    def change(self, said: Particulars) -> bool:
        """Say something else from now on; False, and no new version, when nothing differs."""
        if said == self.said:
            return False
        _require_fitting(self.kind, said)
        self.said = said
        self.version += 1
        self.stated.append(BeneficiaryChanged(**self._state()))
        return True

    def go_on_as(self, remains: UUID | None) -> None:
        """Be another record from now on, or itself again; what is said of it stays as it is."""
        self.merged_into = remains
        self.version += 1
        kind = BeneficiaryUnmerged if remains is None else BeneficiaryMerged
        self.stated.append(kind(**self._state()))

    def findings(self, today: date) -> list[Finding]:
        """What looks odd; none of it blocks."""
        said = self.said
        of_nik = nik_findings(self.nik, sex=said.sex, birth=said.birth) if self.nik else []
        return of_nik + category_findings(
            said.categories, kind=self.kind, sex=said.sex, birth=said.birth, today=today
        )

    def _state(self) -> dict[str, object]:
        return {
            "beneficiary_id": self.id,
            "kind": self.kind,
            "area": self.said.area,
            "confidentiality": self.confidentiality,
            "categories": open_categories(self.said.categories),
            "merged_into": self.merged_into,
        }


def open_categories(codes: Sequence[str]) -> list[str]:
    """The codes other services may know: sensitivity C1 only."""
    return [code for code in codes if CATEGORIES[code].sensitivity is Confidentiality.C1]


def _require_fitting(kind: BeneficiaryKind, said: Particulars) -> None:
    if not said.name:
        raise RuleViolated("Nama wajib diisi.", "/name")
    require_known(said.area)
    if len(said.area) != LENGTH_OF[Level.VILLAGE]:
        raise RuleViolated("Pilih sampai tingkat desa atau kelurahan.", "/area")
    if not said.categories:
        raise RuleViolated("Pilih sedikitnya satu kategori.", "/categories")
    for place, code in enumerate(said.categories):
        require_category(code, f"/categories/{place}")
    if kind is not BeneficiaryKind.PERSON:
        for pointer, value in (("/sex", said.sex), ("/birth", said.birth)):
            if value is not None:
                raise RuleViolated("Hanya diisi untuk perorangan.", pointer)


def _require_nik_or_reason(
    kind: BeneficiaryKind, nik: str | None, reason: NikAbsentReason | None
) -> None:
    if kind is not BeneficiaryKind.PERSON:
        if nik is not None:
            raise InvalidNik("Hanya perorangan yang memiliki NIK.", "/nik")
        if reason is not None:
            raise RuleViolated("Hanya diisi untuk perorangan.", "/nik_absent_reason")
    elif nik is not None:
        require_nik(nik)
        if reason is not None:
            raise RuleViolated("Kosongkan alasan ini bila NIK diisi.", "/nik_absent_reason")
    elif reason is None:
        raise RuleViolated("Isi NIK, atau alasan mengapa tidak ada.", "/nik_absent_reason")
