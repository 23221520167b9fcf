"""A beneficiary: a person, family, group or community in need, and what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.registry.domain.birth import Birth, local_day
from services.registry.domain.category_rules import category_findings
from services.registry.domain.disability import Disability
from services.registry.domain.errors import InvalidKk, InvalidNik
from services.registry.domain.finding import Finding
from services.registry.domain.kk import kk_findings, require_kk
from services.registry.domain.nik import nik_findings, require_nik
from services.registry.domain.point import Point
from services.registry.domain.sex import Sex
from shared.clock import utc_now
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
_COUNTED: Final = frozenset({BeneficiaryKind.GROUP, BeneficiaryKind.COMMUNITY})


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
    aliases: tuple[str, ...] = field(default=(), repr=False)
    disabilities: tuple[Disability, ...] = field(default=(), repr=False)
    point: Point | None = field(default=None, repr=False)
    size: int | None = None
    """How many people a group or community has."""


@dataclass(slots=True, kw_only=True)
class Beneficiary:
    """One record; each method that changes it also states the event."""

    id: UUID
    kind: BeneficiaryKind
    said: Particulars
    registered_by: UUID
    nik: str | None = field(default=None, repr=False)
    nik_absent_reason: NikAbsentReason | None = None
    kk: str | None = field(default=None, repr=False)
    """The No. KK it is registered with; afterwards the card stands and changes by itself."""
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
        kk: str | None = None,
    ) -> Self:
        """A new record; raises a `RuleViolated` that points at the field that does not hold."""
        if not said.categories:
            raise RuleViolated("Pilih sedikitnya satu kategori.", "/categories")
        _require_fitting(kind, said)
        _require_nik_or_reason(kind, nik, nik_absent_reason)
        if kk is not None:
            require_kk_of(kind, kk)
        beneficiary = cls(
            id=beneficiary_id,
            kind=kind,
            said=said,
            registered_by=registered_by,
            nik=nik,
            nik_absent_reason=nik_absent_reason,
            kk=kk,
        )
        beneficiary.stated.append(BeneficiaryRegistered(**beneficiary._state()))
        return beneficiary

    @classmethod
    def household(cls, family_id: UUID, kk: str, members: Sequence["Beneficiary"]) -> Self:
        """The family of a card on which these stand, named after the first of them.

        It has the categories of theirs that hold for whole families; without any it is counted
        nowhere, for its members are.
        """
        first = members[0]
        codes = (code for one in members for code in one.said.categories)
        said = Particulars(
            name=f"Keluarga {first.said.name}",
            area=first.said.area,
            categories=tuple(dict.fromkeys(code for code in codes if _is_of_families(code))),
            address=first.said.address,
        )
        family = cls(
            id=family_id,
            kind=BeneficiaryKind.FAMILY,
            said=said,
            registered_by=first.registered_by,
            kk=kk,
        )
        family.stated.append(BeneficiaryRegistered(**family._state()))
        return family

    @property
    def confidentiality(self) -> Confidentiality:
        """The highest sensitivity among the categories."""
        return sensitivity_of(self.said.categories)

    def change(self, said: Particulars) -> bool:
        """Say something else from now on; False, and no new version, when nothing differs."""
        if said == self.said:
            return False
        _require_fitting(self.kind, said, held=self.said.categories)
        self.said = said
        self.version += 1
        self.stated.append(BeneficiaryChanged(**self._state()))
        return True

    def change_nik(self, nik: str | None, reason: NikAbsentReason | None) -> bool:
        """Have this NIK from now on, or none for a reason; False when nothing differs."""
        _require_nik_or_reason(self.kind, nik, reason)
        if (nik, reason) == (self.nik, self.nik_absent_reason):
            return False
        self.nik, self.nik_absent_reason = nik, reason
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
        of_kk = kk_findings(self.kk, today=today) if self.kk else []
        return (
            of_nik
            + of_kk
            + category_findings(
                said.categories, kind=self.kind, sex=said.sex, birth=said.birth, today=today
            )
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


def require_kk_of(kind: BeneficiaryKind, kk: str) -> None:
    """Raises `InvalidKk` unless this may be the number of a family's card."""
    if kind is not BeneficiaryKind.FAMILY:
        raise InvalidKk("Hanya keluarga yang memiliki No. KK.", "/kk")
    require_kk(kk)


def _is_of_families(code: str) -> bool:
    return CATEGORIES[code].unit is BeneficiaryKind.FAMILY


def _require_fitting(kind: BeneficiaryKind, said: Particulars, held: Sequence[str] = ()) -> None:
    """`held`: categories given before, which may have ended since."""
    if not said.name:
        raise RuleViolated("Nama wajib diisi.", "/name")
    require_known(said.area)
    if len(said.area) != LENGTH_OF[Level.VILLAGE]:
        raise RuleViolated("Pilih sampai tingkat desa atau kelurahan.", "/area")
    today = local_day(utc_now())
    for place, code in enumerate(said.categories):
        require_category(code, f"/categories/{place}", on=None if code in held else today)
    if kind is not BeneficiaryKind.PERSON:
        for name in ("sex", "birth", "aliases", "disabilities"):
            if getattr(said, name):
                raise RuleViolated("Hanya diisi untuk perorangan.", f"/{name}")
    if said.size is not None and kind not in _COUNTED:
        raise RuleViolated("Hanya diisi untuk kelompok atau komunitas.", "/size")


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
