"""A disaster with its sites: where affected families are, how many, and who may be taken in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.cases.domain.errors import TimeImplausible
from services.cases.domain.flags import Flag
from services.cases.domain.routing import Rule
from shared.errors import Conflict, RuleViolated
from shared.reference.areas import require_known

CATEGORIES: Final[Mapping[str, str]] = {
    "NATURAL_DISASTER": "KBA",
    "SOCIAL_DISASTER": "KBS",
}
"""The situations that are disasters and the PPKS category of whom they hit (Permensos 8/2012)."""

MOST_PEOPLE: Final = 100_000
"""More than any single site has held; a larger number is a slip of the finger."""


class SiteKind(StrEnum):
    """What a site of a disaster is."""

    SHELTER = "shelter"
    AFFECTED = "affected"
    KITCHEN = "kitchen"
    HEALTH_POST = "health_post"
    LOGISTICS = "logistics"


SITE_KINDS: Final[Mapping[SiteKind, tuple[str, str]]] = {
    SiteKind.SHELTER: ("Tempat pengungsian", "Shelter"),
    SiteKind.AFFECTED: ("Permukiman terdampak", "Affected settlement"),
    SiteKind.KITCHEN: ("Dapur umum", "Field kitchen"),
    SiteKind.HEALTH_POST: ("Pos kesehatan", "Health post"),
    SiteKind.LOGISTICS: ("Pos logistik", "Logistics post"),
}


class NotADisaster(RuleViolated):
    """The situation is no disaster, or the category is not that of its victims."""

    code = "not-a-disaster"
    title = "Keadaan ini bukan bencana, atau kategorinya tidak cocok"
    title_en = "This situation is not a disaster, or the category does not fit it"


class DisasterClosed(Conflict):
    """What happened after the disaster was closed is no part of it."""

    code = "disaster-closed"
    title = "Bencana ini sudah ditutup"
    title_en = "This disaster is closed"


class UnknownSite(RuleViolated):
    """The disaster has no such site in the caller's scope."""

    code = "unknown-site"
    title = "Lokasi tidak ditemukan pada bencana ini"
    title_en = "This disaster has no such site"


class OutsideDisaster(RuleViolated):
    """A site lies where the disaster is."""

    code = "outside-disaster"
    title = "Lokasi berada di luar wilayah bencana"
    title_en = "The site lies outside the area of the disaster"


class BulkIntakeNotAllowed(RuleViolated):
    """The routing rule in force here wants each family referred by itself."""

    code = "bulk-intake-not-allowed"
    title = "Aturan untuk keadaan ini tidak mengizinkan pendataan massal"
    title_en = "The rule for this situation does not allow bulk intake"


class HeadCountWrong(RuleViolated):
    """The numbers are missing or contradict one another."""

    code = "head-count-wrong"
    title = "Jumlah jiwa belum benar"
    title_en = "The head count is not right"


@dataclass(frozen=True, slots=True)
class HeadCount:
    """People by sex; children, elders and people with disabilities are among them."""

    male: int = 0
    female: int = 0
    children: int = 0
    elders: int = 0
    disabled: int = 0

    @property
    def total(self) -> int:
        """Everybody."""
        return self.male + self.female

    def require_consistent(self) -> None:
        """Raise `HeadCountWrong` when a part is larger than the whole or the whole is absurd."""
        parts = (self.children, self.elders, self.disabled)
        if min(self.male, self.female, *parts) < 0 or self.total > MOST_PEOPLE:
            raise HeadCountWrong("Jumlah tidak wajar.", "/head_count")
        if self.children + self.elders > self.total or self.disabled > self.total:
            raise HeadCountWrong(
                "Anak, lansia, dan penyandang disabilitas dihitung di dalam laki-laki + perempuan.",
                "/head_count",
            )


@dataclass(frozen=True, slots=True)
class Site:
    """A place where affected people are or are helped."""

    id: UUID
    disaster_id: UUID
    name: str
    area: str
    kind: SiteKind
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Disaster:
    """One disaster; a closed one still takes in what happened before its end."""

    id: UUID
    name: str
    situation: str
    category: str
    area: str
    started_at: datetime
    closed_at: datetime | None = None

    @classmethod
    def declare(
        cls,
        *,
        disaster_id: UUID,
        name: str,
        situation: str,
        category: str | None,
        area: str,
        started_at: datetime,
        now: datetime,
    ) -> "Disaster":
        """A new disaster; raises `NotADisaster`, `UnknownArea` or `TimeImplausible`."""
        if situation not in CATEGORIES:
            raise NotADisaster(pointer="/situation")
        if category is not None and category != CATEGORIES[situation]:
            raise NotADisaster(pointer="/category")
        require_known(area)
        if started_at > now:
            raise TimeImplausible(pointer="/started_at")
        return cls(disaster_id, name, situation, CATEGORIES[situation], area, started_at)

    def require_open(self, at: datetime) -> None:
        """Raise `DisasterClosed` for what happened after the end."""
        if self.closed_at is not None and at > self.closed_at:
            raise DisasterClosed

    def require_inside(self, area: str) -> None:
        """Raise unless the area is known and lies in the disaster's."""
        require_known(area)
        if area != self.area and not area.startswith(self.area + "."):
            raise OutsideDisaster(pointer="/area")


def require_bulk_intake(rule: Rule, head_count: HeadCount | None) -> None:
    """Raise unless the rule's flags allow families to be taken in by batch with this count.

    BULK_INTAKE permits it at all; SITE_HEADCOUNT asks for the number of people with each family.
    """
    if Flag.BULK_INTAKE not in rule.flags:
        raise BulkIntakeNotAllowed
    if head_count is not None:
        head_count.require_consistent()
    if Flag.SITE_HEADCOUNT in rule.flags and (head_count is None or head_count.total == 0):
        raise HeadCountWrong("Isi jumlah jiwa laki-laki dan perempuan.", "/head_count")
