"""A duty: a pillar's role in an area, for a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final
from uuid import UUID

from services.directory.domain.errors import PeriodReversed
from shared.contracts.codes import Role
from shared.contracts.directory import DutyState
from shared.reference.areas import require_known
from shared.reference.pillars import require_pillar

WIB: Final = timezone(timedelta(hours=7), "WIB")

GRANTABLE: Final[Mapping[Role, frozenset[Role]]] = {
    Role.ADMIN: frozenset(Role),
    Role.DINSOS: frozenset({Role.WORKER, Role.COORDINATOR, Role.VILLAGE_HEAD}),
    Role.COORDINATOR: frozenset({Role.WORKER}),
    Role.VILLAGE_HEAD: frozenset(),
    Role.WORKER: frozenset(),
    Role.DATA_PROTECTION: frozenset(),
}
"""Which roles the holder of a role may give and take, so that nobody raises themselves."""


LENT: Final = frozenset({Role.WORKER, Role.COORDINATOR})
"""Roles that anybody who stands in takes over. An absence may be announced for a colleague, so the
others go only to who holds the same role: nobody is raised by being named as a stand-in."""


def day_of(moment: datetime) -> date:
    """The day by which duties begin and end: Western Indonesian Time, for the whole system."""
    return moment.astimezone(WIB).date()


@dataclass(frozen=True, slots=True)
class HeldDuty:
    """A duty of a worker from a day to a day, both included; `ends_on` is open when None."""

    id: UUID
    pillar: str
    area: str
    role: Role
    starts_on: date
    ends_on: date | None = None
    organisation_id: UUID | None = None

    def is_current(self, day: date) -> bool:
        """Whether the duty is in force on this day."""
        return self.starts_on <= day and not self.has_ended(day)

    def has_ended(self, day: date) -> bool:
        """Whether the duty's last day lies before this day."""
        return self.ends_on is not None and self.ends_on < day

    def spans(self, first: date, last: date) -> bool:
        """Whether the duty is in force on every day of the period."""
        return self.is_current(first) and not self.has_ended(last)

    def covers(self, other: "HeldDuty") -> bool:
        """Whether its holder may do the other duty's work: same pillar, area and organisation."""
        return (
            self.pillar == other.pillar
            and other.organisation_id in (None, self.organisation_id)
            and (other.area == self.area or other.area.startswith(self.area + "."))
        )

    def state(self) -> DutyState:
        """The duty as events tell it."""
        return DutyState(
            duty_id=self.id,
            pillar=self.pillar,
            area=self.area,
            role=self.role,
            organisation_id=self.organisation_id,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )


def require_sound(duty: HeldDuty, pointer: str = "") -> None:
    """Raise what is wrong with a new duty, pointing at the field below `pointer`."""
    require_pillar(duty.pillar, f"{pointer}/pillar")
    require_known(duty.area, f"{pointer}/area")
    if duty.ends_on is not None and duty.ends_on < duty.starts_on:
        raise PeriodReversed("Tanggal akhir mendahului tanggal awal.", f"{pointer}/to")
