"""What one caller is told of the counts of a province: their own area in full, the rest masked.

The caller's own people are known to them, so the masks are made of all the others: what is left of
an area after one's own village is as easy to recognise as any other few.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, TypeVar

from services.registry.domain.age_bands import LEAVES, Band, CountedSex
from services.registry.domain.suppression import (
    ALL,
    NOTHING,
    Told,
    small,
    told_in_no_total,
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
SPECIAL: Final = tuple(code for code in CATEGORIES if code not in OPEN)
"""Those told by kabupaten and province alone."""
_IN_TOTALS: Final = frozenset((ALL, *OPEN))
_APART: Final = frozenset((ALL, *SPECIAL))
_PROVINCE: Final = LENGTH_OF[Level.PROVINCE]
_REGENCY: Final = LENGTH_OF[Level.REGENCY]

Key = TypeVar("Key")
Leaf = tuple[CountedSex, Band]
Totals = Mapping[str, Mapping[str, int]]
"""Records by area and category; what is not named is zero."""
ByLeaf = Mapping[tuple[str, str], Mapping[Leaf, int]]
"""Records by area and category, then by sex and age band."""
_NOBODY: Final[Mapping[str, int]] = {}
_NO_LEAF: Final[Mapping[Leaf, int]] = {}
_ALL_LEAVES: Final = frozenset(LEAVES)


class Sight:
    """What a caller is told; `parts_of` names the areas one level below."""

    def __init__(
        self,
        own: Collection[str],
        parts_of: Callable[[str], Sequence[str]],
        totals: Totals,
        by_leaf: ByLeaf,
    ) -> None:
        self._own = outermost(own)
        self._own_starts = tuple(_start(one) for one in self._own)
        self._parts_of = parts_of
        self._totals = totals
        self._by_leaf = by_leaf
        self._told: dict[str, Told] = {}
        self._told_leaves: dict[str, frozenset[Leaf]] = {}

    def covers(self, area: str) -> bool:
        """Whether all of an area is the caller's own."""
        return _start(area).startswith(self._own_starts)

    def count(self, area: str, category: str, leaves: Collection[Leaf] | None = None) -> int | None:
        """The records of an area and category, of these sexes and age bands; None if withheld."""
        if leaves is None:
            told = self.covers(area) or self._tells(area, category)
            return self._totals.get(area, _NOBODY).get(category, 0) if told else None
        if self.covers(area) or (category == ALL and self._leaves_told(area).issuperset(leaves)):
            counted = self._by_leaf.get((area, category), _NO_LEAF)
            return sum([counted.get(leaf, 0) for leaf in leaves])
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
                self._told[area] = told_of_whole(self._others(area, _IN_TOTALS), OPEN)
            else:
                whole = parent_of(area)
                # Whoever has special categories alone is in no total, and can hide nobody.
                parts = {
                    part: self._others(part, _IN_TOTALS)
                    for part in self._parts_of(whole)
                    if not self.covers(part)
                }
                self._told |= told_of_parts(self.told(whole), parts)
        return self._told[area]

    def _others(self, area: str, categories: AbstractSet[str]) -> Mapping[str, int]:
        """The records of an area that are not the caller's own, by category."""
        own = [self._totals.get(one, _NOBODY) for one in self._own if within(one, area)]
        counts = self._totals.get(area, _NOBODY)
        return _less({code: counts[code] for code in counts if code in categories}, own)

    def _other_leaves(self, area: str) -> Mapping[Leaf, int]:
        """The same by sex and age band."""
        own = [self._by_leaf.get((one, ALL), _NO_LEAF) for one in self._own if within(one, area)]
        counts = self._by_leaf.get((area, ALL), _NO_LEAF)
        return _less({leaf: counts.get(leaf, 0) for leaf in LEAVES}, own)

    def _special_of_whole(self, province: str) -> Told:
        others = self._others(province, _APART)
        return NOTHING if small(others.get(ALL, 0)) else told_in_no_total(others, SPECIAL)

    def _special_withheld(self, province: str, category: str) -> frozenset[str]:
        parts = [part for part in self._parts_of(province) if not self.covers(part)]
        if category not in self._special_of_whole(province):
            return frozenset(parts)
        others = {part: self._others(part, {category}) for part in parts}
        return withheld({part: cells.get(category, 0) for part, cells in others.items()})

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
            return _ALL_LEAVES.intersection(*told)
        return _ALL_LEAVES - withheld(self._other_leaves(area))


def _less(counts: dict[Key, int], own: Iterable[Mapping[Key, int]]) -> Mapping[Key, int]:
    """These counts once those of one's own are taken off them."""
    for counted in own:
        for key in counts.keys() & counted.keys():
            counts[key] -= counted[key]
    return counts


def within(area: str, whole: str) -> bool:
    """Whether an area is another or lies in it."""
    return _start(area).startswith(_start(whole))


def _start(area: str) -> str:
    """How an area's code begins, as this, all that lies in it."""
    return area + "."


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
