"""Two ways to count time: by the clock, or by working days, as offices count theirs.

In working time the clock stands still on Saturdays, Sundays, national holidays and days of joint
leave (cuti bersama), each from midnight to midnight of the area's own time zone. So 24 hours from
Friday 15:00 end on Monday 15:00. Holidays come from the `holidays` package, kept current there
with the yearly joint decree of three ministers (SKB 3 Menteri).
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Final, Protocol

FIRST_YEAR: Final = 2020
LAST_YEAR: Final = 2045

_DAY: Final = 86_400.0
_EAST: Final = frozenset({"81", "82", "91", "92", "93", "94", "95", "96"})
_MIDDLE: Final = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
_WIB: Final = timezone(timedelta(hours=7), "WIB")
_WITA: Final = timezone(timedelta(hours=8), "WITA")
_WIT: Final = timezone(timedelta(hours=9), "WIT")


class Calendar(Protocol):
    """A way to count time."""

    def later(self, moment: datetime, span: timedelta) -> datetime:
        """The moment when `span` of counted time has passed; before it when `span` is negative."""
        ...

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much counted time lies between the two."""
        ...


class ClockTime:
    """Every hour counts."""

    def later(self, moment: datetime, span: timedelta) -> datetime:
        """The moment `span` later."""
        return moment + span

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The plain difference."""
        return end - start


class WorkingTime:
    """Only working days count, each with its 24 hours, in one time zone.

    Moments outside `FIRST_YEAR` to `LAST_YEAR` are counted by the clock.
    """

    def __init__(self, zone: timezone) -> None:
        self._zone = zone

    def later(self, moment: datetime, span: timedelta) -> datetime:
        """The working moment `span` of working time after (or before) this one."""
        days = working_days()
        whole, rest = divmod(self._position(moment) + span.total_seconds(), _DAY)
        if not 0 <= whole < len(days):
            return moment + span
        midnight = datetime.fromordinal(days[int(whole)]).replace(tzinfo=self._zone)
        return (midnight + timedelta(seconds=rest)).astimezone(UTC)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time between the two."""
        return timedelta(seconds=self._position(end) - self._position(start))

    def _position(self, moment: datetime) -> float:
        """Seconds of working time since the first working day began."""
        local = moment.astimezone(self._zone)
        days = working_days()
        ordinal = local.toordinal()
        index = bisect_left(days, ordinal)
        if index == len(days) or days[index] != ordinal:
            return index * _DAY
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return index * _DAY + (local - midnight).total_seconds()


CLOCK_TIME: Final = ClockTime()
_WORKING: Final = {zone: WorkingTime(zone) for zone in (_WIB, _WITA, _WIT)}


def zone_of(area: str) -> timezone:
    """The time zone of an area by its province (Keppres 41/1987)."""
    province = area[:2]
    if province in _EAST:
        return _WIT
    return _WITA if province in _MIDDLE else _WIB


def working_time(area: str) -> WorkingTime:
    """Working time as the offices of this area count it."""
    return _WORKING[zone_of(area)]


@cache
def working_days() -> Sequence[int]:
    """Ordinals of all working days, ascending."""
    import holidays  # noqa: PLC0415 - costs memory, and most processes count no working time

    off = holidays.country_holidays(
        "ID", years=range(FIRST_YEAR, LAST_YEAR + 1), categories=("public", "government")
    )
    first, last = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
    saturday = 5
    return [
        ordinal
        for ordinal in range(first, last + 1)
        if date.fromordinal(ordinal).weekday() < saturday and date.fromordinal(ordinal) not in off
    ]
