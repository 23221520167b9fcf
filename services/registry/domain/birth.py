"""When a person was born, as exactly as is known: a day, a year, or an estimated age."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, Self

from shared.errors import RuleViolated

OLDEST_YEARS: Final = 130
_WIB: Final = timezone(timedelta(hours=7), "WIB")


class Precision(StrEnum):
    """What the worker really knew."""

    DAY = "day"
    YEAR = "year"
    AGE = "age"


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in the western Indonesian time zone."""
    return moment.astimezone(_WIB).date()


@dataclass(frozen=True, slots=True)
class Birth:
    """A birth; `on` is known only with day precision."""

    precision: Precision
    year: int
    on: date | None = None

    @classmethod
    def said(cls, *, day: date | None, year: int | None, age: int | None, today: date) -> Self:
        """The birth meant by exactly one of the three; raises `RuleViolated` otherwise."""
        match (day, year, age):
            case (date() as known, None, None):
                return cls.on_day(known, today=today)
            case (None, int() as known, None):
                return cls.in_year(known, today=today)
            case (None, None, int() as known):
                return cls.at_age(known, today=today)
            case _:
                raise RuleViolated(
                    "Isi salah satu saja: tanggal, tahun, atau perkiraan usia.", "/birth"
                )

    @classmethod
    def on_day(cls, day: date, *, today: date) -> Self:
        """A known date; raises `RuleViolated` if it lies ahead or is past any human age."""
        if day > today:
            raise RuleViolated("Tanggal lahir ada di masa depan.", "/birth/date")
        if today.year - day.year > OLDEST_YEARS:
            raise RuleViolated("Tanggal lahir terlalu lampau.", "/birth/date")
        return cls(Precision.DAY, day.year, day)

    @classmethod
    def in_year(cls, year: int, *, today: date) -> Self:
        """A known year; raises `RuleViolated` if it lies ahead or is past any human age."""
        if not today.year - OLDEST_YEARS <= year <= today.year:
            raise RuleViolated("Tahun lahir tidak masuk akal.", "/birth/year")
        return cls(Precision.YEAR, year)

    @classmethod
    def at_age(cls, age: int, *, today: date) -> Self:
        """An estimated age in completed years; raises `RuleViolated` beyond any human age."""
        if not 0 <= age <= OLDEST_YEARS:
            raise RuleViolated("Perkiraan usia tidak masuk akal.", "/birth/age")
        return cls(Precision.AGE, today.year - age)

    def ages(self, today: date) -> tuple[int, int]:
        """The lowest and the highest age in completed years this birth allows."""
        if self.on is not None:
            had_birthday = (today.month, today.day) >= (self.on.month, self.on.day)
            age = today.year - self.on.year - (0 if had_birthday else 1)
            return age, age
        full = today.year - self.year
        return max(full - 1, 0), full
