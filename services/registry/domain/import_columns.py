"""Which column of a file says what: presets, guesses from the headers, and what holds for all."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.registry.domain.name import key_of
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.errors import RuleViolated
from shared.reference.areas import require_known
from shared.reference.categories import require_category
from shared.reference.tables import rows

MOST_COLUMNS: Final = 200
_LETTERS: Final = 26
_ASIDE: Final = re.compile(r"\(.*?\)")
"""What a header adds in brackets: NIK (KTP)."""


class Field(StrEnum):
    """What a column can say of a beneficiary."""

    NAME = "name"
    NIK = "nik"
    KK = "kk"
    SEX = "sex"
    BIRTH = "birth"
    AGE = "age"
    CATEGORIES = "categories"
    KIND = "kind"
    VILLAGE_CODE = "village_code"
    VILLAGE = "village"
    DISTRICT = "district"
    REGENCY = "regency"
    ADDRESS = "address"
    PHONE = "phone"


LABELS: Final[Mapping[Field, str]] = {
    Field.NAME: "Nama",
    Field.NIK: "NIK",
    Field.KK: "No. KK",
    Field.SEX: "Jenis kelamin",
    Field.BIRTH: "Tanggal atau tahun lahir",
    Field.AGE: "Usia",
    Field.CATEGORIES: "Kategori PPKS",
    Field.KIND: "Perorangan, keluarga, kelompok, atau komunitas",
    Field.VILLAGE_CODE: "Kode desa/kelurahan",
    Field.VILLAGE: "Desa/kelurahan",
    Field.DISTRICT: "Kecamatan",
    Field.REGENCY: "Kabupaten/kota",
    Field.ADDRESS: "Alamat",
    Field.PHONE: "Nomor telepon",
}


class ColumnsUnclear(RuleViolated):
    """The columns of the file do not say enough for any row."""

    code = "columns-unclear"
    title = "Kolom berkas belum cukup jelas"
    title_en = "The columns of the file do not say enough"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """Where each field stands, counted from 0, and what holds where a row says nothing."""

    columns: Mapping[Field, int]
    area: str | None = None
    """Where villages are looked for by name; the village itself where a row names none."""
    category: str | None = None
    kind: BeneficiaryKind = BeneficiaryKind.PERSON
    legal_basis: LegalBasis = LegalBasis.PUBLIC_TASK
    accept_lookalikes: bool = False
    """Whether somebody is registered who looks like a person already there."""

    def checked(self) -> "ColumnMap":
        """The map itself; raises `ColumnsUnclear`, or what an unknown code is refused with."""
        if Field.NAME not in self.columns:
            raise ColumnsUnclear("Pilih kolom yang berisi nama.", "/columns/name")
        if Field.CATEGORIES not in self.columns and self.category is None:
            raise ColumnsUnclear("Pilih kolom atau satu kategori untuk semua baris.", "/category")
        places = {Field.VILLAGE, Field.VILLAGE_CODE} & self.columns.keys()
        if not places and self.area is None:
            raise ColumnsUnclear(
                "Pilih kolom desa/kelurahan, atau satu desa untuk semua baris.", "/area"
            )
        if self.area is not None:
            require_known(self.area)
        if self.category is not None:
            require_category(self.category)
        return self


PRESETS: Final[Mapping[str, Mapping[str, Field]]] = {
    preset: {
        key_of(row["header"]): Field(row["field"])
        for row in rows("import_columns.csv")
        if row["preset"] == preset
    }
    for preset in dict.fromkeys(row["preset"] for row in rows("import_columns.csv"))
}
"""What each kind of list calls its columns: keys of headers, and the field each stands for."""


def guessed(
    headers: Sequence[str], names: Iterable[Mapping[str, Field]] = PRESETS.values()
) -> dict[Field, int]:
    """Where the fields stand by the names of the columns; of two for one field the first."""
    known = {key: one for words in names for key, one in words.items()}
    found: dict[Field, int] = {}
    for place, header in enumerate(headers):
        one = known.get(key_of(header)) or known.get(key_of(_ASIDE.sub(" ", header)))
        if one is not None:
            found.setdefault(one, place)
    return found


def head_of(lines: Sequence[Sequence[str]]) -> int:
    """Which of the first lines of a file names its columns: the one with most names known to us.

    Where none is known, the first with two words or more.
    """
    known = [len(guessed(line)) for line in lines]
    if max(known, default=0) > 0:
        return known.index(max(known))
    worded = (place for place, line in enumerate(lines) if sum(map(bool, line)) > 1)
    return next(worded, 0)


def letter_of(place: int) -> str:
    """A column as spreadsheet programs call it: A, B, ..., Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters
