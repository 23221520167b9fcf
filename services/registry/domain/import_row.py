"""One row of a list: the registration it asks for, or everything that keeps it from being one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from services.registry.domain.beneficiary import NikAbsentReason, Particulars
from services.registry.domain.birth import Birth, Precision
from services.registry.domain.import_columns import (
    LABELS,
    MOST_COLUMNS,
    ColumnMap,
    Field,
    letter_of,
)
from services.registry.domain.import_places import Places
from services.registry.domain.import_values import (
    age_of,
    birth_of,
    categories_of,
    kind_of,
    kk_of,
    nik_of,
    sex_of,
)
from services.registry.domain.kk import require_kk
from services.registry.domain.name import key_of
from services.registry.domain.nik import require_nik
from shared.contracts.codes import BeneficiaryKind
from shared.errors import RuleViolated

_LONGEST: Final = {Field.NAME: 200, Field.ADDRESS: 500, Field.PHONE: 25}
_OF_A_CARD: Final = frozenset({BeneficiaryKind.PERSON, BeneficiaryKind.FAMILY})
_PHONE_MARKS: Final = frozenset("0123456789 ().+-")
_SHORTEST_PHONE: Final = 5
_DASHES: Final = " -\u2013\u2014"
_SUM_WORDS: Final = ("jumlah", "total")
_SUMS: Final = frozenset({*_SUM_WORDS, "jumlah total", "total jumlah"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the file has it: where it begins, and its cells."""

    number: int
    cells: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row asks to register."""

    kind: BeneficiaryKind
    said: Particulars
    nik: str | None = field(repr=False)
    nik_absent_reason: NikAbsentReason | None
    kk: str | None = field(default=None, repr=False)
    """The family's card: of a person the one they stand on."""
    age: int | None = None
    """As the row gives it, where it gives no birth."""

    @property
    def content(self) -> str:
        """The same for rows that say the same, however their columns stand."""
        said, birth = self.said, self.said.birth
        born = f"{birth.precision} {birth.year} {birth.on or ''}" if birth else ""
        if self.age is not None:
            # The year it stands for is another one when the list comes again.
            born = f"{Precision.AGE} {self.age}"
        parts = (
            self.kind, key_of(said.name), said.area, " ".join(sorted(said.categories)),
            said.sex or "", born, said.address or "", said.phone or "", self.nik or "",
        )  # fmt: skip
        # Lists taken in before such a column was read are known again without it.
        return "\n".join((*parts, self.kk) if self.kk else parts)


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that was read: what it wants, or its faults; neither where it is empty."""

    number: int
    wanted: Wanted | None = None
    faults: tuple[str, ...] = ()


class RowReader:
    """Reads the rows of one file; knows no database."""

    def __init__(self, columns: ColumnMap, *, areas: Sequence[str], today: date) -> None:
        """`areas` are those of the importer's duties, where the map names none."""
        self._map = columns
        self._places = Places([columns.area] if columns.area else areas)
        self._today = today

    def read(self, line: Line) -> ReadRow:
        """What the row wants, or every fault of it in words, with its column."""
        if not any(line.cells) or self._adds_up(line):
            return ReadRow(line.number)
        row = _Row(self._map, line)
        kind = row.read(Field.KIND, kind_of) or self._map.kind
        is_person = kind is BeneficiaryKind.PERSON
        nik = row.read(Field.NIK, lambda text: require_nik(nik_of(text))) if is_person else None
        kk = (
            row.read(Field.KK, lambda text: require_kk(kk_of(text))) if kind in _OF_A_CARD else None
        )
        sex = row.read(Field.SEX, sex_of) if is_person else None
        said = Particulars(
            name=row.text(Field.NAME, required=True) or "",
            area=self._area(row) or "",
            categories=self._categories(row),
            sex=sex,
            birth=self._birth(row) if is_person else None,
            address=row.text(Field.ADDRESS),
            phone=_phone(row),
        )
        if row.faults:
            return ReadRow(line.number, faults=row.blamed())
        without = NikAbsentReason.UNKNOWN if is_person and nik is None else None
        guessed = said.birth is not None and said.birth.precision is Precision.AGE
        age = self._today.year - said.birth.year if guessed and said.birth else None
        return ReadRow(line.number, Wanted(kind, said, nik, without, kk, age))

    def _adds_up(self, line: Line) -> bool:
        """Whether it is the sum at the foot of a list."""
        first = next(cell for cell in line.cells if cell)
        # Nearly no row begins so, and there are many.
        if not first.casefold().startswith(_SUM_WORDS):
            return False
        return key_of(first) in _SUMS and not _Row(self._map, line).cell(Field.NIK)

    def _categories(self, row: "_Row") -> tuple[str, ...]:
        found = row.read(Field.CATEGORIES, categories_of)
        if found or row.cell(Field.CATEGORIES):
            return found or ()
        if self._map.category is None:
            row.blame(Field.CATEGORIES, "Wajib diisi.")
            return ()
        return (self._map.category,)

    def _birth(self, row: "_Row") -> Birth | None:
        if row.cell(Field.BIRTH):
            return row.read(Field.BIRTH, lambda text: birth_of(text, self._today))
        return row.read(Field.AGE, lambda text: age_of(text, self._today))

    def _area(self, row: "_Row") -> str | None:
        if row.cell(Field.VILLAGE_CODE):
            return row.read(Field.VILLAGE_CODE, self._places.by_code)
        if not row.cell(Field.VILLAGE):
            if self._places.only is None:
                row.blame(Field.VILLAGE, "Wajib diisi.")
            return self._places.only
        district, regency = row.cell(Field.DISTRICT), row.cell(Field.REGENCY)
        return row.read(Field.VILLAGE, lambda text: self._places.by_name(text, district, regency))


class _Row:
    """A row while it is read, with the faults found so far."""

    def __init__(self, columns: ColumnMap, line: Line) -> None:
        self._columns = columns.columns
        self._cells = line.cells
        self.faults: list[tuple[int, str]] = []

    def cell(self, one: Field) -> str:
        place = self._columns.get(one)
        text = self._cells[place] if place is not None and place < len(self._cells) else ""
        # A dash is how offices leave a cell empty.
        return text if text.strip(_DASHES) else ""

    def text(self, one: Field, *, required: bool = False) -> str | None:
        text = self.cell(one)
        if required and not key_of(text):
            self.blame(one, "Wajib diisi.")
        if len(text) > _LONGEST[one]:
            self.blame(one, f"Paling panjang {_LONGEST[one]} huruf.")
        return text or None

    def read(self, one: Field, meaning: Callable[[str], T]) -> T | None:
        text = self.cell(one)
        if not text:
            return None
        try:
            return meaning(text)
        except RuleViolated as fault:
            self.blame(one, str(fault.detail or fault.title))
            return None

    def blame(self, one: Field, words: str) -> None:
        place = self._columns.get(one)
        where = f"Kolom {letter_of(place)} ({LABELS[one]})" if place is not None else LABELS[one]
        self.faults.append((MOST_COLUMNS if place is None else place, f"{where}: {words}"))

    def blamed(self) -> tuple[str, ...]:
        return tuple(words for _, words in sorted(self.faults))


def _phone(row: _Row) -> str | None:
    text = row.text(Field.PHONE)
    if text is None:
        return None
    digits = sum(one.isdigit() for one in text)
    if digits < _SHORTEST_PHONE or not set(text) <= _PHONE_MARKS:
        row.blame(Field.PHONE, "Nomor telepon tidak terbaca.")
    return text
