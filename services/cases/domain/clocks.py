"""The three deadlines of a referral, and the alarms that ring before and after each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import takewhile
from typing import Final

from services.cases.domain.referral_status import ClockEffect
from shared.contracts.codes import Deadline
from shared.reference.working_days import CLOCK_TIME, Calendar, working_time


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each deadline is, from the routing rule, and whether only working days count."""

    reply: timedelta
    act: timedelta
    close: timedelta
    working: bool = False

    def of(self, deadline: Deadline) -> timedelta:
        """The time one deadline allows; none for the end of a hold, which is a moment."""
        match deadline:
            case Deadline.REPLY:
                return self.reply
            case Deadline.ACT:
                return self.act
            case Deadline.CLOSE:
                return self.close
            case Deadline.HOLD:
                return timedelta(0)

    def calendar(self, area: str) -> Calendar:
        """How the time of these limits is counted in an area."""
        return working_time(area) if self.working else CLOCK_TIME


class Stage(StrEnum):
    """What rings; the order of the members is the order of their times."""

    HALF = "half"
    NINE_TENTHS = "nine_tenths"
    MISSED = "missed"
    STILL_MISSED = "still_missed"
    GIVEN_UP = "given_up"


ALARMS: Final[Mapping[Deadline, tuple[tuple[Stage, float], ...]]] = {
    Deadline.REPLY: (
        (Stage.HALF, -0.5),
        (Stage.NINE_TENTHS, -0.1),
        (Stage.MISSED, 0),
        (Stage.STILL_MISSED, 1),
        (Stage.GIVEN_UP, 2),
    ),
    Deadline.ACT: (
        (Stage.HALF, -0.5), (Stage.NINE_TENTHS, -0.1), (Stage.MISSED, 0),
        (Stage.STILL_MISSED, 0.25),
    ),
    Deadline.CLOSE: (
        (Stage.HALF, -0.5), (Stage.NINE_TENTHS, -0.1), (Stage.MISSED, 0),
        (Stage.STILL_MISSED, 0.25),
    ),
    Deadline.HOLD: ((Stage.MISSED, 0),),
}  # fmt: skip
"""When each stage of a deadline rings, in order: so many times its limit before or after it."""


# Rules are few and alarms are many; the products took a third of what an alarm cost.
@lru_cache(maxsize=1024)
def _spans(deadline: Deadline, limit: timedelta) -> tuple[tuple[Stage, timedelta], ...]:
    """How far from a deadline with this limit each of its stages rings."""
    return tuple((stage, limit * portion) for stage, portion in ALARMS[deadline])


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to be rung at a moment; `due_at` is the deadline it is about."""

    deadline: Deadline
    stage: Stage
    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Clocks:
    """Deadlines still open; a met or stopped one is None.

    While paused, act-by and close-by stand still; `reply_by` is then the sender's, who must say
    what becomes of a returned referral. Alarms up to `rung_until` have rung.
    """

    reply_by: datetime | None = None
    act_by: datetime | None = None
    close_by: datetime | None = None
    paused_at: datetime | None = None
    hold_until: datetime | None = None
    rung_until: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """The earliest deadline that runs; None when none does."""
        running = self._running()
        return min((at for name, at in running if name is not Deadline.HOLD), default=None)

    def after(
        self,
        effect: ClockEffect,
        *,
        now: datetime,
        limits: Limits,
        calendar: Calendar,
        until: datetime | None = None,
    ) -> "Clocks":
        """The deadlines once a verb with this effect was done at `now`."""
        match effect:
            case ClockEffect.START:
                return Clocks(
                    calendar.later(now, limits.reply),
                    calendar.later(now, limits.act),
                    calendar.later(now, limits.close),
                    rung_until=now,
                )
            case ClockEffect.KEEP:
                return self
            case ClockEffect.REPLY_MET:
                return replace(self, reply_by=None)
            case ClockEffect.ACT_MET:
                return replace(self, reply_by=None, act_by=None)
            case ClockEffect.PAUSE:
                return replace(self, reply_by=None, paused_at=now, hold_until=until, rung_until=now)
            case ClockEffect.HAND_BACK:
                reply_by = calendar.later(now, limits.reply)
                return replace(self, reply_by=reply_by, paused_at=now, rung_until=now)
            case ClockEffect.GO_ON:
                # What rang before the pause lies before `now` on the shifted clocks too.
                return replace(self._shifted(now, calendar), hold_until=None, rung_until=now)
            case ClockEffect.RESTART_REPLY:
                shifted = self._shifted(now, calendar)
                return replace(
                    shifted,
                    reply_by=calendar.later(now, limits.reply),
                    act_by=shifted.act_by or calendar.later(now, limits.act),
                    rung_until=now,
                )
            case ClockEffect.STOP:
                return Clocks()

    def acted(self) -> "Clocks":
        """The deadlines once the holder has done something about the need."""
        return replace(self, act_by=None) if self.act_by else self

    def next_alarm_at(self, limits: Limits, calendar: Calendar) -> datetime | None:
        """When the next alarm rings; None when none will."""
        firsts = [next(self._moments(*one, limits, calendar), None) for one in self._running()]
        return min((first[1] for first in firsts if first is not None), default=None)

    def rung(self, now: datetime) -> "Clocks":
        """The clocks once every alarm up to `now` has rung."""
        return replace(self, rung_until=now)

    def ringing(self, now: datetime, limits: Limits, calendar: Calendar) -> list[Alarm]:
        """The alarms due at `now`, of each deadline the last one only.

        A machine that stood still for a day says once what is missed, not all it would have said.
        """
        last: list[Alarm] = []
        for deadline, due_at in self._running():
            moments = self._moments(deadline, due_at, limits, calendar)
            due = [*takewhile(lambda moment: moment[1] <= now, moments)]
            last += [Alarm(deadline, stage, at, due_at) for stage, at in due[-1:]]
        return sorted(last, key=lambda alarm: alarm.at)

    def _moments(
        self, deadline: Deadline, due_at: datetime, limits: Limits, calendar: Calendar
    ) -> Iterator[tuple[Stage, datetime]]:
        """The stages of one deadline that have not rung, and when they ring, in order."""
        for stage, span in _spans(deadline, limits.of(deadline)):
            at = calendar.later(due_at, span) if span else due_at
            if self.rung_until is None or at > self.rung_until:
                yield stage, at

    def _running(self) -> Iterator[tuple[Deadline, datetime]]:
        if self.reply_by:
            yield Deadline.REPLY, self.reply_by
        if self.paused_at is not None:
            if self.hold_until:
                yield Deadline.HOLD, self.hold_until
            return
        if self.act_by:
            yield Deadline.ACT, self.act_by
        if self.close_by:
            yield Deadline.CLOSE, self.close_by

    def _shifted(self, now: datetime, calendar: Calendar) -> "Clocks":
        """The standing deadlines, as far ahead of `now` as they were when they were stopped."""
        if self.paused_at is None:
            return self
        stood = self.paused_at

        def moved(deadline: datetime | None) -> datetime | None:
            return calendar.later(now, calendar.between(stood, deadline)) if deadline else None

        return replace(
            self, act_by=moved(self.act_by), close_by=moved(self.close_by), paused_at=None
        )
