"""What one caller is told of the counts of a province: their own area in full, the rest masked.

The caller's own people are known to them, so the masks are made of all the others: what is left of
an area after one's own village is as easy to recognise as any other few.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from services.registry.domain.age_bands import LEAVES, Band, CountedSex
from services.registry.domain.suppression import (
    ALL,
    Told,
    told_of_parts,
    told_of_whole,
    withheld,
)
from shared.contracts.codes import Confidentiality
from shared.reference.areas import LENGTH_OF, Level
from shared.reference.categories import CATEGORIES

OPEN: Final = tuple(
    code for code, one in CATEGORIES.items() if one.sensitivity is not Confidentiality.C3
)
"""The categories told below the kabupaten too."""
_PROVINCE: Final = LENGTH_OF[Level.PROVINCE]
_REGENCY: Final = LENGTH_OF[Level.REGENCY]

Leaf = tuple[CountedSex, Band]
Counts = Callable[[str, str, str, str], int]
"""Records of an area, sex, age band and category; `ALL` for any."""


class Sight:
    """What a caller is told; `parts_of` names the areas one level below, `counts` the records."""

    def __init__(
        self, own: Collection[str], parts_of: Callable[[str], Sequence[str]], counts: Counts
    ) -> None:
        self._own = outermost(own)
        self._parts_of = parts_of
        self._counts = counts
        self._told: dict[str, Told] = {}
        self._told_leaves: dict[str, frozenset[Leaf]] = {}

    def covers(self, area: str) -> bool:
        """Whether all of an area is the caller's own."""
        return any(within(area, one) for one in self._own)

    def count(self, area: str, category: str, leaves: Collection[Leaf] | None = None) -> int | None:
        """The records of an area and category, of these sexes and age bands; None if withheld."""
        if leaves is None:
            told = self.covers(area) or self._tells(area, category)
            return self._counts(area, ALL, ALL, category) if told else None
        if self.covers(area) or (category == ALL and self._leaves_told(area) >= set(leaves)):
            return sum(self._counts(area, sex, band, category) for sex, band in leaves)
        return None

    def _tells(self, area: str, category: str) -> bool:
        if category == ALL or category in OPEN:
            return category in self.told(area)
        if len(area) == _PROVINCE:
            return category in self._special_of_whole(area)
        return area not in self._special_withheld(area[:_PROVINCE], category)

    def told(self, area: str) -> Told:
        """The categories told of an area that is not the caller's own."""
        if area not in self._told:
            if len(area) == _PROVINCE:
                self._told[area] = told_of_whole(self._others(area), OPEN)
            else:
                whole = parent_of(area)
                parts = {
                    part: self._others(part)
                    for part in self._parts_of(whole)
                    if not self.covers(part)
                }
                self._told |= told_of_parts(self.told(whole), parts)
        return self._told[area]

    def _others(self, area: str) -> Mapping[str, int]:
        return self._strangers(area, (ALL, *OPEN))

    def _strangers(self, area: str, codes: Iterable[str]) -> Mapping[str, int]:
        counted = {code: self._left(area, ALL, ALL, code) for code in codes}
        return {code: count for code, count in counted.items() if count}

    def _left(self, area: str, sex: str, band: str, category: str) -> int:
        known = (
            one
            for one in self._own
            if within(one, area) and (category not in _SPECIAL or len(one) <= _REGENCY)
        )
        return self._counts(area, sex, band, category) - sum(
            self._counts(one, sex, band, category) for one in known
        )

    def _special_of_whole(self, province: str) -> Told:
        return told_of_whole(self._strangers(province, _SPECIAL), tuple(_SPECIAL))

    def _special_withheld(self, province: str, category: str) -> frozenset[str]:
        parts = [part for part in self._parts_of(province) if not self.covers(part)]
        if category not in self._special_of_whole(province):
            return frozenset(parts)
        return withheld({part: self._left(part, ALL, ALL, category) for part in parts})

    def _leaves_told(self, area: str) -> frozenset[Leaf]:
        if area not in self._told_leaves:
            self._told_leaves[area] = self._leaves(area)
        return self._told_leaves[area]

    def _leaves(self, area: str) -> frozenset[Leaf]:
        """Below the kabupaten none; of a province those that every kabupaten tells."""
        if len(area) > _REGENCY or ALL not in self.told(area):
            return frozenset()
        if len(area) == _PROVINCE:
            parts = [part for part in self._parts_of(area) if not self.covers(part)]
            told = [self._leaves_told(part) for part in parts]
            return frozenset(LEAVES).intersection(*told)
        counted = {f"{sex} {band}": self._left(area, sex, band, ALL) for sex, band in LEAVES}
        hidden = withheld(counted)
        return frozenset((sex, band) for sex, band in LEAVES if f"{sex} {band}" not in hidden)


def within(area: str, whole: str) -> bool:
    """Whether an area is another or lies in it."""
    return area == whole or area.startswith(whole + ".")


def parent_of(area: str) -> str:
    """The area one level above."""
    return area.rpartition(".")[0]


def outermost(areas: Collection[str]) -> tuple[str, ...]:
    """Those that lie in none of the others."""
    return tuple(
        sorted(
            one
            for one in set(areas)
            if not any(one != other and within(one, other) for other in areas)
        )
    )


_SPECIAL: Final = frozenset(CATEGORIES) - frozenset(OPEN)
