"""Which numbers of a map share a colour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MOST: Final = 5
_STEPS: Final = {1: (3,), 2: (2, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)}
"""The steps of the colour scale that so many classes use, to stand well apart."""

_WIDER: Final = 1.5
"""How much wider a step is than that at the fifth for which it is chosen instead."""
_APART: Final = 2.0


@dataclass(frozen=True, slots=True)
class Shade:
    """One class: the step of the colour scale, and the least and greatest number that it holds."""

    step: int
    least: float
    greatest: float


def shades(values: Iterable[float]) -> list[Shade]:
    """At most five classes of about as many areas each; equal numbers always share one.

    They part where numbers lie far apart, so that 14 does not share a colour with 984. Zero has no
    class: an area without anything is left unfilled.
    """
    ordered = sorted(value for value in values if value > 0)
    cuts = _cuts(ordered)
    distinct = sorted(set(ordered))
    if len(distinct) <= MOST:
        cuts = [ordered.index(value) for value in distinct[1:]]
    starts = [0, *cuts] if ordered else []
    ends = [*cuts, len(ordered)]
    steps = _STEPS[len(starts)] if starts else ()
    return [
        Shade(step, ordered[start], ordered[end - 1])
        for step, start, end in zip(steps, starts, ends, strict=False)
    ]


def _cuts(ordered: Sequence[float]) -> list[int]:
    """Before which places the classes part: at each fifth, or a wide step near it."""
    steps = {
        place: ordered[place] / ordered[place - 1]
        for place in range(1, len(ordered))
        if ordered[place] > ordered[place - 1]
    }
    near = max(len(ordered) // (2 * MOST), 1)
    found: set[int] = set()
    for part in range(1, MOST) if steps else ():
        fifth = len(ordered) * part // MOST
        place = min(steps, key=lambda one: (abs(one - fifth), one))
        around = [one for one in steps if abs(one - fifth) <= near]
        widest = max(around, key=lambda one: steps[one], default=place)
        found.add(widest if steps[widest] >= _WIDER * steps[place] else place)
    # Where many are equal, classes are left over for the few that stand apart.
    apart = [one for one in steps if one not in found and steps[one] >= _APART]
    apart.sort(key=lambda one: -steps[one])
    return sorted(found.union(apart[: MOST - 1 - len(found)]))


def step_of(value: float, scale: Iterable[Shade]) -> int:
    """The step of the colour scale for a number that the scale was made of; 0 for zero."""
    return next((one.step for one in scale if one.least <= value <= one.greatest), 0)
