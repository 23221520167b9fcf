"""What people write in the cells of a list, and what it means."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from services.registry.domain.birth import Birth
from services.registry.domain.name import key_of
from services.registry.domain.sex import Sex
from shared.contracts.codes import BeneficiaryKind
from shared.errors import RuleViolated
from shared.reference.categories import CATEGORIES

_MONTHS: Final = (
    ("januari", "jan"), ("februari", "feb", "pebruari", "peb"), ("maret", "mar"), ("april", "apr"),
    ("mei", "may"), ("juni", "jun"), ("juli", "jul"), ("agustus", "ags", "agu", "agt", "aug"),
    ("september", "sep", "sept"), ("oktober", "okt", "oct"), ("november", "nov", "nopember", "nop"),
    ("desember", "des", "dec"),
)  # fmt: skip
_MONTH_OF: Final = {word: month for month, words in enumerate(_MONTHS, 1) for word in words}
_YEAR: Final = re.compile(r"\d{4}")
_SERIAL: Final = re.compile(r"\d{4,5}")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2,4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_WORDED: Final = re.compile(r"(\d{1,2})[-/. ]*([a-z]+)[-/., ]*(\d{2,4})")
_PLACE: Final = re.compile(r"^[a-z .'-]+,\s*(?=\d)")
"""Lists often give place and day of birth in one column."""
_MIDNIGHT: Final = re.compile(r"[ t]00:00(:00)?(\.0+)?$")
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_FIRST_SERIAL: Final = 3_000
_LAST_SERIAL: Final = 80_000
_FOUR_DIGITS: Final = 4
_MONTHS_OF_YEAR: Final = 12
_POWER: Final = re.compile(r"\d+([.,]\d+)?e\+?\d+", re.IGNORECASE)
_NUMBER_NOISE: Final = re.compile(r"['`\s.\-]")
_SEXES: Final = {
    **dict.fromkeys(("l", "lk", "laki", "laki laki", "lelaki", "pria", "m", "1"), Sex.MALE),
    **dict.fromkeys(("p", "pr", "perempuan", "wanita", "f", "2"), Sex.FEMALE),
}
_KINDS: Final = {
    "perorangan": BeneficiaryKind.PERSON,
    "orang": BeneficiaryKind.PERSON,
    "individu": BeneficiaryKind.PERSON,
    "keluarga": BeneficiaryKind.FAMILY,
    "kelompok": BeneficiaryKind.GROUP,
    "komunitas": BeneficiaryKind.COMMUNITY,
    "masyarakat": BeneficiaryKind.COMMUNITY,
}
_CATEGORY_OF: Final = {
    key_of(spelt): code
    for code, one in CATEGORIES.items()
    for word in (*one.aliases, code, one.name)
    for spelt in (word, re.sub("([Tt])erlantar", r"\1elantar", word),
                  re.sub("([Tt])elantar", r"\1erlantar", word))
}  # fmt: skip
_SEPARATORS: Final = re.compile(r"[;|\n]|,\s*|\s/\s")


def birth_of(text: str, today: date) -> Birth:
    """A birth from a day or a year; raises `RuleViolated` that says how to write it."""
    plain = _PLACE.sub("", _MIDNIGHT.sub("", " ".join(text.casefold().split())))
    if _YEAR.fullmatch(plain) and int(plain) < _FIRST_SERIAL:
        return Birth.in_year(int(plain), today=today)
    return Birth.on_day(_day_of(plain), today=today)


def age_of(text: str, today: date) -> Birth:
    """A birth from an estimated age, with or without the word for years."""
    number = re.fullmatch(r"(\d{1,3})( *(th|thn|tahun))?", text.casefold().strip())
    if number is None:
        raise RuleViolated("Usia ditulis dengan angka saja, misalnya 67.")
    return Birth.at_age(int(number[1]), today=today)


def nik_of(text: str) -> str:
    """The digits of a NIK; raises `RuleViolated` where a spreadsheet program has spoilt them."""
    return _digits_of(text, "NIK")


def kk_of(text: str) -> str:
    """The same for a No. KK."""
    return _digits_of(text, "No. KK")


# A list says the same few words of most of its rows.
@lru_cache(maxsize=1_000)
def sex_of(text: str) -> Sex:
    """One of the two entries of the civil register."""
    found = _SEXES.get(key_of(text))
    if found is None:
        raise RuleViolated("Jenis kelamin ditulis L atau P.")
    return found


@lru_cache(maxsize=1_000)
def kind_of(text: str) -> BeneficiaryKind:
    """Person, family, group or community."""
    found = _KINDS.get(key_of(text))
    if found is None:
        raise RuleViolated("Tulis perorangan, keluarga, kelompok, atau komunitas.")
    return found


@lru_cache(maxsize=1_000)
def categories_of(text: str) -> tuple[str, ...]:
    """The codes of one or several categories, by code or by name."""
    whole = _CATEGORY_OF.get(key_of(text))
    if whole:
        return (whole,)
    words = [word for word in _SEPARATORS.split(text) if key_of(word)]
    codes = [_CATEGORY_OF.get(key_of(word)) for word in words]
    if not codes or None in codes:
        odd = next((word for word, code in zip(words, codes, strict=True) if not code), text)
        raise RuleViolated(
            f"Kategori PPKS “{odd.strip()[:40]}” tidak dikenal. Tulis kode atau nama resminya."
        )
    return tuple(dict.fromkeys(code for code in codes if code))


def _digits_of(text: str, name: str) -> str:
    if _POWER.fullmatch(text):
        raise RuleViolated(
            f"{name} tersimpan sebagai angka, sehingga angka terakhirnya hilang. "
            f"Ubah kolom {name} menjadi teks lalu isi kembali."
        )
    return _NUMBER_NOISE.sub("", text)


def _day_of(plain: str) -> date:
    if _SERIAL.fullmatch(plain) and _FIRST_SERIAL <= int(plain) < _LAST_SERIAL:
        return _EXCEL_EPOCH + timedelta(days=int(plain))
    if found := _YEAR_FIRST.fullmatch(plain):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.fullmatch(plain):
        return _date(_year(found[3]), int(found[2]), int(found[1]))
    if (found := _WORDED.fullmatch(plain)) and found[2] in _MONTH_OF:
        return _date(_year(found[3]), _MONTH_OF[found[2]], int(found[1]))
    raise RuleViolated("Tanggal tidak terbaca. Tulis hari/bulan/tahun, misalnya 12/08/1950.")


def _year(text: str) -> int:
    if len(text) != _FOUR_DIGITS:
        raise RuleViolated("Tahun lahir ditulis dengan empat angka, misalnya 1950.")
    return int(text)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        if month > _MONTHS_OF_YEAR and day <= _MONTHS_OF_YEAR:
            raise RuleViolated(
                "Hari dan bulan tampaknya tertukar. Tulis hari/bulan/tahun, misalnya 12/08/1950."
            ) from None
        raise RuleViolated("Tanggal ini tidak ada di kalender.") from None
