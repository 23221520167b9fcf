"""A family and its members: registered persons, each with a relation, from a day to a day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.contracts.codes import BeneficiaryKind
from shared.errors import Conflict, RuleViolated


class Relation(StrEnum):
    """What a member is to the head, as family cards write it."""

    HEAD = "head"
    HUSBAND = "husband"
    WIFE = "wife"
    CHILD = "child"
    CHILD_IN_LAW = "child_in_law"
    GRANDCHILD = "grandchild"
    PARENT = "parent"
    PARENT_IN_LAW = "parent_in_law"
    RELATIVE = "relative"
    OTHER = "other"


class AlreadyMember(Conflict):
    """The person is a member of this family now."""

    code = "already-member"
    title = "Orang ini sudah menjadi anggota keluarga"
    title_en = "This person is a member of the family already"


class UnknownPerson(RuleViolated):
    """The caller knows no such person."""

    code = "unknown-person"
    title = "Orang ini tidak ditemukan di wilayah Anda"
    title_en = "There is no such person in your area"


class HasHead(Conflict):
    """A family has one head at a time."""

    code = "has-head"
    title = "Keluarga ini sudah memiliki kepala keluarga"
    title_en = "This family has a head already"


@dataclass(frozen=True, slots=True)
class Membership:
    """One stay of a person in a family; the days are as exactly as the worker knew them."""

    family_id: UUID
    person_id: UUID
    relation: Relation
    joined_on: date | None = None

    def require_fitting(
        self, *, family: BeneficiaryKind, person: BeneficiaryKind, today: date
    ) -> None:
        """Raises `RuleViolated` unless a person joins a family on a day that has come."""
        if family is not BeneficiaryKind.FAMILY:
            raise RuleViolated("Hanya keluarga yang memiliki anggota.", "/person_id")
        if person is not BeneficiaryKind.PERSON:
            raise RuleViolated("Anggota keluarga adalah perorangan.", "/person_id")
        if self.joined_on is not None and self.joined_on > today:
            raise RuleViolated("Tanggal masuk ada di masa depan.", "/joined_on")


def require_leaving_day(left_on: date, *, joined_on: date | None, today: date) -> None:
    """Raises `RuleViolated` for a day that has not come or lies before the day of joining."""
    if left_on > today:
        raise RuleViolated("Tanggal keluar ada di masa depan.", "/left_on")
    if joined_on is not None and left_on < joined_on:
        raise RuleViolated("Tanggal keluar sebelum tanggal masuk.", "/left_on")
