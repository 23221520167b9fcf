"""No. KK, the 16-digit number of a family card: what cannot be one, and what only looks odd.

Digits: 6 area that issued the card, 6 day of its recording as DDMMYY, 4 serial. A family gets
another one when it splits or moves, so it names a card and never the family. No check digit.
"""

import re
from datetime import date
from typing import Final

from services.registry.domain.errors import InvalidKk
from services.registry.domain.finding import Finding
from shared.reference.areas import name_of

POINTER: Final = "/kk"
_SHAPE: Final = re.compile(r"[0-9]{16}")
_FEMALE_DAYS: Final = range(41, 72)
_CENTURY: Final = 2000
"""Numbered cards came with the population register of this century."""


def require_kk(text: str) -> str:
    """The sixteen digits themselves; raises `InvalidKk` for what no No. KK can be."""
    if _SHAPE.fullmatch(text) is None:
        raise InvalidKk("No. KK harus terdiri dari tepat 16 angka.", POINTER)
    if len(set(text)) == 1:
        raise InvalidKk("No. KK tidak mungkin berisi satu angka yang berulang.", POINTER)
    day, month, _ = _recorded(text)
    if day in _FEMALE_DAYS:
        raise InvalidKk("Ini tampaknya NIK seorang perempuan, bukan No. KK.", POINTER)
    if not (1 <= day <= 31 and 1 <= month <= 12):  # noqa: PLR2004 - days and months of a calendar
        raise InvalidKk("Tanggal di dalam No. KK tidak mungkin.", POINTER)
    if text.endswith("0000"):
        raise InvalidKk("Nomor urut No. KK tidak mungkin 0000.", POINTER)
    return text


def kk_findings(kk: str, *, today: date) -> list[Finding]:
    """What is odd about a No. KK that `require_kk` let through."""
    found: list[Finding] = []
    if name_of(f"{kk[:2]}.{kk[2:4]}.{kk[4:6]}") is None:
        found.append(
            _finding("kk-area", "Kode wilayah di No. KK tidak dikenal atau sudah lama diganti.")
        )
    day, month, year = _recorded(kk)
    try:
        recorded = date(_CENTURY + year, month, day)
    except ValueError:
        found.append(_finding("kk-date", "Tanggal di No. KK tidak ada di kalender."))
    else:
        if recorded > today:
            found.append(_finding("kk-future", "Tanggal di No. KK ada di masa depan."))
    return found


def _recorded(kk: str) -> tuple[int, int, int]:
    return int(kk[6:8]), int(kk[8:10]), int(kk[10:12])


def _finding(code: str, detail: str) -> Finding:
    return Finding(code, POINTER, detail)
