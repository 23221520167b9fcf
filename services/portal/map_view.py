"""What the map page shows of an area: its parts with their numbers, and where each leads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from services.portal.choropleth import Shade, shades, step_of
from services.portal.clients.board import Board, Gap, Line
from services.portal.clients.directory import Worker
from services.portal.clients.vulnerability import Vulnerability
from services.portal.navigation import may_do
from shared.contracts.codes import Confidentiality
from shared.policy import Action
from shared.reference.areas import (
    LENGTH_OF,
    Level,
    at_level,
    children,
    label_of,
    level_of,
    name_of,
    parents,
)
from shared.reference.categories import CATEGORIES


class Measure(StrEnum):
    """Which number colours the map."""

    COUNT = "jumlah"
    RATE = "per-1000"
    INDEX = "indeks"
    OPEN = "terbuka"
    GAP = "celah"


WORDS: Final[Mapping[Measure, str]] = {
    Measure.COUNT: "Jumlah data",
    Measure.RATE: "Per 1.000 penduduk",
    Measure.INDEX: "Indeks kerentanan",
    Measure.OPEN: "Rujukan terbuka",
    Measure.GAP: "Rujukan tanpa pilar di tempat",
}
OF_REFERRALS: Final = (Measure.OPEN, Measure.GAP)
"""Counted by cases, for those who watch over referrals."""
DECIMALS: Final = {Measure.RATE: 2, Measure.INDEX: 1}
_BELOW: Final = {
    Level.PROVINCE: Level.REGENCY,
    Level.REGENCY: Level.DISTRICT,
    Level.DISTRICT: Level.VILLAGE,
    Level.VILLAGE: Level.VILLAGE,
}


class Lack(StrEnum):
    """Why an area has no number."""

    WITHHELD = "disembunyikan"
    UNKNOWN = "kosong"


@dataclass(frozen=True, slots=True)
class Row:
    """One area: its numbers as columns, the one that colours it, and where name and number lead."""

    area: str
    value: float | None
    lack: Lack | None
    columns: tuple[float | Lack, ...]
    inside: str | None
    listed: str | None
    step: int = 0

    @property
    def name(self) -> str:
        """The area's own name."""
        return name_of(self.area) or self.area

    @property
    def is_withheld(self) -> bool:
        """Whether nothing of it is told."""
        return set(self.columns) == {Lack.WITHHELD}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the visitor chose to see."""

    area: str
    category: str = ""
    measure: Measure = Measure.COUNT

    @property
    def level(self) -> Level:
        """The level of the area."""
        return level_of(self.area)

    @property
    def is_special(self) -> bool:
        """Whether it is a category of special services, told down to the kabupaten alone."""
        one = CATEGORIES.get(self.category)
        return one is not None and one.sensitivity is Confidentiality.C3

    @property
    def _ends_at_regency(self) -> bool:
        """Whether nothing below the kabupaten is told; referrals are counted for all categories."""
        return self.is_special and self.measure not in OF_REFERRALS

    @property
    def asked(self) -> str:
        """The area whose numbers can be told, which those of a smaller one would pass for."""
        regency = at_level(self.area, Level.REGENCY)
        return regency if self._ends_at_regency and regency else self.area

    @property
    def by(self) -> Level:
        """The level of its parts."""
        if self._ends_at_regency:
            return Level.REGENCY
        return _BELOW[self.level]

    @property
    def file(self) -> str:
        """The file of boundaries that holds the parts."""
        regency = at_level(self.area, Level.REGENCY)
        return Level.REGENCY if self.by is Level.REGENCY or not regency else regency

    def address(self, area: str) -> str:
        """The same of another area."""
        given = {"wilayah": area, "kategori": self.category, "ukuran": self.measure}
        return "/peta?" + urlencode({name: value for name, value in given.items() if value})

    def inside(self, area: str) -> str | None:
        """Where one goes deeper into a part, if one can."""
        is_last = len(area) <= len(self.area) or self._ends_at_regency
        return None if is_last else self.address(area)

    @property
    def trail(self) -> list[tuple[str, str]]:
        """The areas around the one shown, widest first, with their addresses."""
        return [(label_of(one), self.address(one)) for one in reversed(parents(self.area)[1:])]

    @property
    def word(self) -> str:
        """The area as it stands at the end of the trail."""
        is_village = self.level is Level.VILLAGE
        return (name_of(self.area) if is_village else None) or label_of(self.area)


def home_of(worker: Worker) -> str:
    """The area a visitor's map opens with: their kabupaten, or their province."""
    widest = min((duty.area for duty in worker.duties), key=len, default="")
    return widest[: LENGTH_OF[Level.REGENCY]]


def measures_for(worker: Worker) -> list[Measure]:
    """What a visitor may colour the map by."""
    watches = may_do(worker, Action.BOARD_READ)
    return [one for one in Measure if watches or one not in OF_REFERRALS]


def is_own(worker: Worker, area: str) -> bool:
    """Whether an area, or part of it, lies in a duty of the visitor."""
    return any(area.startswith(duty.area) or duty.area.startswith(area) for duty in worker.duties)


def need_rows(choice: Choice, answer: Vulnerability, worker: Worker) -> list[Row]:
    """Rows of counts, rates and index."""
    lists = may_do(worker, Action.BENEFICIARY_READ)
    found = []
    for item in answer.items:
        withheld = item.count is None
        columns = tuple(
            Lack.WITHHELD if withheld else Lack.UNKNOWN if value is None else float(value)
            for value in (item.count, item.rate, item.index)
        )
        place = (Measure.COUNT, Measure.RATE, Measure.INDEX).index(choice.measure)
        narrowed = urlencode({"wilayah": item.area, "kategori": choice.category})
        found.append(
            _row(
                item.area,
                columns,
                place,
                inside=choice.inside(item.area),
                listed=f"/peta/warga?{narrowed}"
                if lists and item.count and is_own(worker, item.area)
                else None,
            )
        )
    return _coloured(found)


def referral_rows(choice: Choice, board: Board, gaps: Sequence[Gap], worker: Worker) -> list[Row]:
    """Rows of open referrals, overdue ones, and those for which no pillar is there."""
    found = []
    counted = {line.key: line for line in board.items}
    for area in _parts(choice.area):
        line: Line | None = board.total if area == choice.area else counted.get(area)
        waiting = sum(gap.open for gap in gaps if gap.area.startswith(area))
        numbers = (line.open if line else 0, line.overdue if line else 0, waiting)
        known = is_own(worker, area)
        found.append(
            _row(
                area,
                tuple(float(one) if known else Lack.UNKNOWN for one in numbers),
                0 if choice.measure is Measure.OPEN else 2,
                inside=choice.inside(area),
                listed=f"/pantau?wilayah={area}" if known and any(numbers) else None,
            )
        )
    return _coloured(found)


def scale_of(rows: Iterable[Row]) -> list[Shade]:
    """The classes of the numbers that colour these rows."""
    return shades(row.value for row in rows if row.value is not None)


def _parts(area: str) -> list[str]:
    if level_of(area) is Level.VILLAGE:
        return [area]
    return [code for code, _ in children(area)]


def _row(
    area: str,
    columns: tuple[float | Lack, ...],
    place: int,
    *,
    inside: str | None,
    listed: str | None,
) -> Row:
    shown = columns[place]
    lack = shown if isinstance(shown, Lack) else None
    value = None if isinstance(shown, Lack) else shown
    return Row(area, value, lack, columns, inside, listed)


def _coloured(rows: list[Row]) -> list[Row]:
    """The same with their colours, the greatest number first."""
    scale = scale_of(rows)
    rows = [
        row if row.value is None else replace(row, step=step_of(row.value, scale)) for row in rows
    ]
    return sorted(rows, key=lambda row: (row.value is None, -(row.value or 0), row.area))
