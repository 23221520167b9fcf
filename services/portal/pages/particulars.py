"""What a form says of a person where one field holds several things."""

import re
from datetime import date, datetime
from typing import Any, Final

from services.portal.formats import WIB
from services.portal.forms import Form
from services.portal.problems import FieldError

# With the comma of Indonesian numbers as well: "-8,1977, 113,0531". On the equator a record may say
# "2e-05".
_DEGREES: Final = r"(-?[0-9]{1,3}(?:[.,][0-9]+)?(?:e-[0-9]+)?)"
_POINT: Final = re.compile(rf"{_DEGREES}(?:\s*[,;]\s*|\s+){_DEGREES}")


def names_in(form: Form) -> list[str]:
    """Other names, which are written with commas between them."""
    names = [name.strip() for name in form.get("aliases").split(",")]
    return [name for name in names if name]


def point_in(form: Form) -> dict[str, str] | None:
    """Degrees north and east, if any are given; refuses the form where they cannot be read."""
    if not (at := form.get("point")):
        return None
    read = _POINT.fullmatch(at.replace("\N{MINUS SIGN}", "-"))
    if read is None:
        form.add(FieldError("point", "Tulis lintang dan bujur, dipisahkan koma."))
        return None
    latitude, longitude = (degrees.replace(",", ".") for degrees in read.groups())
    return {"latitude": latitude, "longitude": longitude}


def birth_in(form: Form) -> dict[str, Any] | None:
    """The most exact of what was given; refuses the form where the rest says otherwise."""
    day = _day(form)
    year, age = (_number(form, name) for name in ("year", "age"))
    if form.errors.keys() & {"birth.date", "birth.year", "birth.age"}:
        return None
    born = day.year if day else year
    if day and year is not None and year != day.year:
        form.add(FieldError("birth.year", "Tidak cocok dengan tanggal lahir. Isi salah satu."))
    if born is not None and age is not None and abs(_today().year - born - age) > 1:
        form.add(FieldError("birth.age", "Tidak cocok dengan kelahiran. Isi salah satu."))
    if day:
        return {"date": day.isoformat()}
    if year is not None:
        return {"year": year}
    return None if age is None else {"age": age}


def _day(form: Form) -> date | None:
    if not (text := form.get("birth.date")):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        form.add(FieldError("birth.date", "Tanggal belum sesuai."))
        return None


def _number(form: Form, name: str) -> int | None:
    if not (text := form.get(f"birth.{name}")):
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    form.add(FieldError(f"birth.{name}", "Tulis dengan angka."))
    return None


def _today() -> date:
    return datetime.now(WIB).date()
