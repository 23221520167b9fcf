"""A worker: the duties held, the absences announced, and the fact each change states."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Self
from uuid import UUID

from services.directory.domain.duty import LENT, HeldDuty
from services.directory.domain.errors import (
    AbsenceOverlaps,
    DutyEnded,
    PeriodPast,
    PeriodReversed,
    UnfitStandIn,
    WorkerGone,
)
from shared.contracts.directory import (
    AbsenceState,
    WorkerAbsent,
    WorkerChanged,
    WorkerJoined,
    WorkerLeft,
    WorkerState,
)
from shared.errors import NotFound

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """Days, both included, on which a worker cannot be given work, and who stands in."""

    id: UUID
    starts_on: date
    ends_on: date
    stand_in_id: UUID | None = None

    def overlaps(self, other: "Absence") -> bool:
        """Whether the two share a day."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


@dataclass(slots=True)
class Worker:
    """A worker and every duty that worker ever held.

    `version` is the stored one, 0 before the first save. A change sets `fact`, the kind of event
    that saving appends, and lists in `fresh_*` the parts that saving has to write.
    """

    id: UUID
    name: str
    version: int
    is_active: bool
    duties: list[HeldDuty]
    absences: list[Absence] = field(default_factory=list)
    fact: type[WorkerState] | None = None
    fresh_duties: list[HeldDuty] = field(default_factory=list)
    fresh_absences: list[Absence] = field(default_factory=list)

    @classmethod
    def join(cls, worker_id: UUID, name: str, duties: list[HeldDuty], today: date) -> Self:
        """A new worker with first duties."""
        worker = cls(worker_id, name, 0, is_active=True, duties=list(duties))
        worker.fresh_duties = list(duties)
        worker._changed(WorkerJoined, today)
        return worker

    def take_duty(self, duty: HeldDuty, today: date) -> None:
        """Hold one duty more; a worker who had left is back with it."""
        if duty.has_ended(today):
            raise PeriodPast("Masa tugas sudah lewat.", "/to")
        self._put(duty)
        self._changed(WorkerChanged, today)

    def end_duty(self, duty_id: UUID, ends_on: date | None, today: date) -> None:
        """Make `ends_on` the duty's last day; without it the duty ends at once, even unbegun.

        The end of the last duty states that the worker left.
        """
        duty = self.duty(duty_id)
        if duty.has_ended(today):
            raise DutyEnded
        if ends_on is not None and ends_on < duty.starts_on:
            raise PeriodReversed("Tugas belum mulai pada tanggal itu.", "/to")
        self._put(replace(duty, ends_on=ends_on or today - _ONE_DAY))
        self._changed(WorkerChanged, today)

    def announce_absence(self, absence: Absence, stand_in: "Worker | None", today: date) -> None:
        """Be absent for days still to come, with somebody who can do all of the work or nobody."""
        if absence.ends_on < absence.starts_on:
            raise PeriodReversed("Tanggal akhir mendahului tanggal awal.", "/to")
        if absence.ends_on < today:
            raise PeriodPast("Hari-hari itu sudah lewat.", "/to")
        if not self.is_active:
            raise WorkerGone
        if any(absence.overlaps(other) for other in self.absences):
            raise AbsenceOverlaps
        if stand_in is not None and not stand_in.can_stand_in(self, absence):
            raise UnfitStandIn(UnfitStandIn.title + ".", "/stand_in_id")
        self.absences.append(absence)
        self.fresh_absences.append(absence)
        self._changed(WorkerAbsent, today)

    def can_stand_in(self, absent: "Worker", absence: Absence) -> bool:
        """Whether this worker is there on all of these days, with a match for each duty."""
        return (
            self.id != absent.id
            and not any(absence.overlaps(own) for own in self.absences)
            and all(
                any(
                    own.covers(duty) and own.spans(absence.starts_on, absence.ends_on)
                    for own in self.duties
                )
                for duty in absent.duties
                if not duty.has_ended(absence.starts_on)
            )
        )

    def amend(self, name: str, duties: list[HeldDuty], today: date) -> None:
        """Take over name and duties from another source; what is the same states nothing."""
        changed = [duty for duty in duties if duty not in self.duties]
        if not changed and name == self.name:
            return
        self.name = name
        for duty in changed:
            self._put(duty)
        self._changed(WorkerChanged, today)

    def leave(self, today: date) -> None:
        """State that the last duty ran out, if that is so."""
        if all(duty.has_ended(today) for duty in self.duties):
            self._changed(WorkerLeft, today)

    def duty(self, duty_id: UUID) -> HeldDuty:
        """The duty with this id; raises `NotFound`."""
        for duty in self.duties:
            if duty.id == duty_id:
                return duty
        raise NotFound

    def current_duties(self, day: date) -> list[HeldDuty]:
        """The duties in force on this day."""
        return [duty for duty in self.duties if duty.is_current(day)]

    def lends(self, stand_in: "Worker", day: date) -> list[HeldDuty]:
        """The own duties in force that somebody who stands in on this day takes over."""
        return [
            duty
            for duty in self.current_duties(day)
            if duty.role in LENT
            or any(
                own.role is duty.role and own.covers(duty) for own in stand_in.current_duties(day)
            )
        ]

    def absent_until(self, day: date) -> date | None:
        """The last day of the absence that holds this day."""
        for absence in self.absences:
            if absence.starts_on <= day <= absence.ends_on:
                return absence.ends_on
        return None

    def area_span(self) -> tuple[str, str]:
        """The first and the last area code, in order of code, among all duties."""
        areas = [duty.area for duty in self.duties]
        return min(areas), max(areas)

    def state(self) -> WorkerState:
        """The event of the change made; the whole shared state, never the name."""
        if self.fact is None:
            raise ValueError("nothing changed")
        return self.fact(
            worker_id=self.id,
            active=self.is_active,
            duties=[duty.state() for duty in self.duties],
            absences=[
                AbsenceState(
                    starts_on=absence.starts_on,
                    ends_on=absence.ends_on,
                    stand_in_id=absence.stand_in_id,
                )
                for absence in self.absences
            ],
        )

    def _put(self, duty: HeldDuty) -> None:
        self.duties = [held for held in self.duties if held.id != duty.id] + [duty]
        self.fresh_duties.append(duty)

    def _changed(self, fact: type[WorkerState], today: date) -> None:
        was_active = self.is_active
        self.is_active = any(not duty.has_ended(today) for duty in self.duties)
        left = was_active and not self.is_active and self.version > 0
        self.fact = WorkerLeft if left else fact
