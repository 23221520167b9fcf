"""Times in WIB with Indonesian names, and numbers as 1.234,5."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

WIB: Final = timezone(timedelta(hours=7), "WIB")
"""All of Jawa Timur; Indonesia keeps no daylight saving time."""

_MONTHS: Final = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
_NEAR_DAYS: Final = {-1: "kemarin", 0: "hari ini", 1: "besok"}
_KILOBYTE: Final = 1000
_MEGABYTE: Final = 1000 * _KILOBYTE
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def number(value: float, decimals: int = 0) -> str:
    """`1234.5` as `1.234,5`."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def size(count: int) -> str:
    """Bytes as people weigh files: `340 kB`, `1,2 MB`."""
    if count < _MEGABYTE:
        return f"{max(count // _KILOBYTE, 1)} kB"
    return f"{number(count / _MEGABYTE, 1)} MB"


def long_date(value: date | datetime) -> str:
    """`31 Desember 2025`, in WIB when the value is a moment."""
    day = value.astimezone(WIB).date() if isinstance(value, datetime) else value
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def clock_time(value: datetime) -> str:
    """`14.30`, in WIB."""
    return f"{value.astimezone(WIB):%H.%M}"


def moment(value: datetime, now: datetime) -> str:
    """`hari ini 14.30`, `besok 09.00`, else `3 Des 14.30` with the year when it is another."""
    local, today = value.astimezone(WIB), now.astimezone(WIB)
    near = _NEAR_DAYS.get((local.date() - today.date()).days)
    if near is not None:
        return f"{near} {clock_time(value)}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {_MONTHS[local.month - 1][:3]}{year} {clock_time(value)}"


def full_moment(value: datetime) -> str:
    """`31 Desember 2025, 14.30 WIB`."""
    return f"{long_date(value)}, {clock_time(value)} WIB"


def duration(seconds: float) -> str:
    """The largest fitting unit in words: `5 menit`, `2 jam`, `3 hari`."""
    length = abs(seconds)
    if length < _MINUTE:
        return "kurang dari semenit"
    if length < _HOUR:
        return f"{int(length // _MINUTE)} menit"
    if length < 2 * _DAY:
        return f"{int(length // _HOUR)} jam"
    return f"{number(length // _DAY)} hari"


def remaining(value: datetime, now: datetime) -> str:
    """`2 jam lagi`, or `lewat 2 jam` for a deadline that has passed."""
    seconds = (value - now).total_seconds()
    return f"{duration(seconds)} lagi" if seconds >= 0 else f"lewat {duration(seconds)}"


def ago(value: datetime, now: datetime) -> str:
    """`5 menit lalu`; `baru saja` within the last minute."""
    seconds = (now - value).total_seconds()
    return "baru saja" if seconds < _MINUTE else f"{duration(seconds)} lalu"


def parse_local(text: str) -> datetime | None:
    """The moment a `datetime-local` field names, read as WIB; None when it names none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=WIB)
    except ValueError:
        return None


def initials(name: str) -> str:
    """`Siti Aminah` becomes `S. A.`, and nothing more is said."""
    return " ".join(f"{part[0].upper()}." for part in name.split())
