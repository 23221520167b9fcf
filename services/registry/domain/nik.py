"""NIK, the 16-digit population number: what cannot be one, and what only looks odd.

Digits: 6 area of first registration, 6 birth date as DDMMYY (women: day + 40), 4 serial. It stays
for life, also after a move or a corrected birth date, so whatever it says about area, date or
sex may differ from the form: that warns and never blocks. There is no check digit.
"""

import re
from datetime import date
from typing import Final

from lokal.nik import parse_nik

from services.registry.domain.birth import Birth, Precision
from services.registry.domain.errors import InvalidNik
from services.registry.domain.finding import Finding
from services.registry.domain.sex import Sex
from shared.reference.areas import name_of

POINTER: Final = "/nik"
_FEMALE_OFFSET: Final = 40
_SHAPE: Final = re.compile(r"[0-9]{16}")


def require_nik(text: str) -> str:
    """The sixteen digits themselves; raises `InvalidNik` for what no NIK can be."""
    if _SHAPE.fullmatch(text) is None:
        raise InvalidNik("NIK harus terdiri dari tepat 16 angka.", POINTER)
    if len(set(text)) == 1:
        raise InvalidNik("NIK tidak mungkin berisi satu angka yang berulang.", POINTER)
    day, month, _ = _written_birth(text)
    if not (1 <= day <= 31 and 1 <= month <= 12):  # noqa: PLR2004 - days and months of a calendar
        raise InvalidNik("Tanggal lahir di dalam NIK tidak mungkin.", POINTER)
    if text.endswith("0000"):
        raise InvalidNik("Nomor urut NIK tidak mungkin 0000.", POINTER)
    return text


def nik_findings(nik: str, *, sex: Sex | None, birth: Birth | None) -> list[Finding]:
    """What is odd about a NIK that `require_nik` let through."""
    found: list[Finding] = []
    info = parse_nik(nik, lookup_wilayah=name_of)
    odd = {issue.code for issue in (*info.errors, *info.warnings)}
    if odd & {"province", "wilayah", "wilayah_unknown"}:
        found.append(
            _finding("nik-area", "Kode wilayah di NIK tidak dikenal atau sudah lama diganti.")
        )
    if "birth_date" in odd:
        found.append(_finding("nik-date", "Tanggal lahir di NIK tidak ada di kalender."))
    if birth is not None and not _agrees(nik, birth):
        found.append(_finding("nik-birth", "Tanggal lahir di NIK berbeda dari isian."))
    if sex is not None and sex is not _written_sex(nik):
        found.append(_finding("nik-sex", "Jenis kelamin menurut NIK berbeda dari isian."))
    return found


def mask(nik: str) -> str:
    """A NIK as screens show it: `3508********0001`."""
    return f"{nik[:4]}{'*' * 8}{nik[-4:]}"


def _agrees(nik: str, birth: Birth) -> bool:
    """Two digits of a year never tell the century, so only they are compared."""
    day, month, year = _written_birth(nik)
    if birth.precision is Precision.AGE:
        return True
    if birth.year % 100 != year:
        return False
    return birth.on is None or _same_day(birth.on, day, month)


def _same_day(on: date, day: int, month: int) -> bool:
    return (on.day, on.month) == (day, month)


def _written_birth(nik: str) -> tuple[int, int, int]:
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    return (day - _FEMALE_OFFSET if day > _FEMALE_OFFSET else day), month, year


def _written_sex(nik: str) -> Sex:
    return Sex.FEMALE if int(nik[6:8]) > _FEMALE_OFFSET else Sex.MALE


def _finding(code: str, detail: str) -> Finding:
    return Finding(code, POINTER, detail)
