"""Which counts a stranger to an area is told, so that nobody can be worked out from them.

A count of one to four people may not be told. Nor may one follow by subtraction, so others are
withheld with it:

- Among the areas that make up another (or the age bands of one area), everything under five is
  withheld together, and a further one where these would add up to less than five.
- Whoever is withheld as an area is withheld with all that lies below and with all its categories.
- Nearly everybody has one category alone, so categories subtract from the total like areas do:
  those under five in the widest area are withheld together, and a further one, like areas.
  A category that is small in some place is withheld in several places, together with a second
  category, so that people could be the other way round and every answer the same.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, TypeVar

THRESHOLD: Final = 5
ALL: Final = "*"
"""The total, beside the categories."""

Cells = Mapping[str, int]
"""Counts by category, and by `ALL`; what is not named is zero."""
Told = frozenset[str]
"""Of which categories an area's count is told, `ALL` among them."""

NOTHING: Final[Told] = frozenset()

Name = TypeVar("Name", bound=str | tuple[str, ...])
"""An area, or a sex and age band."""


def small(count: int) -> bool:
    """Whether these are few enough to be recognised."""
    return 0 < count < THRESHOLD


def withheld(counts: Mapping[Name, int]) -> frozenset[Name]:
    """Which of these are withheld when their sum is told.

    The choice of the further one does not depend on its number, or the choice would tell it.
    """
    few = sorted(name for name, count in counts.items() if count < THRESHOLD)
    total = sum(counts[name] for name in few)
    if total == 0:
        return frozenset()
    if total == (THRESHOLD - 1) * len(few) and total >= THRESHOLD:
        # Each of them would have to be four.
        return frozenset(counts)
    chosen = list(few)
    for name in _from(few[-1], sorted(counts)):
        if total >= THRESHOLD:
            break
        if name not in chosen:
            chosen.append(name)
            total += counts[name]
    return frozenset(chosen)


def told_of_whole(counts: Cells, codes: Sequence[str]) -> Told:
    """What is told of the widest area: a category is a part of the total as an area would be."""
    if small(counts.get(ALL, 0)):
        return NOTHING
    return frozenset((ALL, *codes)) - withheld({code: counts.get(code, 0) for code in codes})


def told_in_no_total(counts: Cells, codes: Sequence[str]) -> Told:
    """What is told of the widest area of categories that no total holds."""
    return frozenset(code for code in codes if not small(counts.get(code, 0)))


def told_of_parts(of_whole: Told, parts: Mapping[str, Cells]) -> dict[str, Told]:
    """What is told of each area that together make up one of which `of_whole` is told."""
    if ALL not in of_whole:
        return dict.fromkeys(parts, NOTHING)
    apart = withheld({area: cells.get(ALL, 0) for area, cells in parts.items()})
    exposed = [
        (area, code)
        for area in sorted(set(parts) - apart)
        for code, count in sorted(parts[area].items())
        if small(count) and code != ALL and code in of_whole
    ]
    # What is not told of the whole is not told of its parts either, and hides others well.
    areas = {area for area, _ in exposed} | apart
    codes = {code for _, code in exposed}
    counted = {code for cells in parts.values() for code in cells} - {ALL}
    # What is withheld already comes first.
    others = _first(areas, set(parts))
    seconds = _first(codes | (counted - of_whole), counted)
    for area, code in exposed:
        partner = _partner(area, code, parts, others, seconds)
        if partner is None:
            areas, codes = set(parts), set(of_whole - {ALL})
            break
        if partner[0] not in areas:
            areas.add(partner[0])
            others = _first(areas, set(parts))
        if partner[1] not in codes:
            codes.add(partner[1])
            seconds = _first(codes | (counted - of_whole), counted)
    return {
        area: NOTHING
        if area in apart
        else of_whole - codes
        if area in areas
        else of_whole
        for area in parts
    }  # fmt: skip


def _partner(
    area: str, code: str, parts: Mapping[str, Cells], others: Sequence[str], seconds: Sequence[str]
) -> tuple[str, str] | None:
    """Where somebody lives, and of which category, who could change places with one of `code` here.

    Somebody has the second category and not the first; somebody elsewhere has the first. They
    could have each other's, and neither any total nor any category told would differ.
    """
    here = parts[area]
    for second in seconds:
        more_here = here.get(second, 0) > here[code]
        for other in others:
            there = parts[other]
            with_code = there.get(code, 0)
            if other != area and (there.get(second, 0) > with_code or (more_here and with_code)):
                return other, second
    return None


def _first(preferred: AbstractSet[str], names: AbstractSet[str]) -> list[str]:
    return [*sorted(names & preferred), *sorted(names - preferred)]


def _from(name: Name, names: Sequence[Name]) -> list[Name]:
    start = names.index(name)
    return [*names[start + 1 :], *names[:start]]
