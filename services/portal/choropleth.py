"""Which numbers of a map share a colour."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST: Final = 5
_STEPS: Final = {1: (3,), 2: (2, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)}
"""The steps of the colour scale that so many classes use, to stand well apart."""


@dataclass(frozen=True, slots=True)
class Shade:
    """One class: the step of the colour scale, and the least and greatest number that it holds."""

    step: int
    least: float
    greatest: float


def shades(values: Iterable[float]) -> list[Shade]:
    """At most five classes of about as many areas each; equal numbers always share one.

    Zero has no class: an area without anything is left unfilled.
    """
    ordered = sorted(value for value in values if value > 0)
    groups: dict[int, list[float]] = {}
    for value in ordered:
        rank = ordered.index(value)
        groups.setdefault(rank * MOST // len(ordered), []).append(value)
    distinct = sorted(set(ordered))
    if len(distinct) <= MOST:
        groups = {place: [value] for place, value in enumerate(distinct)}
    steps = _STEPS[len(groups)] if groups else ()
    return [
        Shade(step, group[0], group[-1])
        for step, (_, group) in zip(steps, sorted(groups.items()), strict=True)
    ]


def step_of(value: float, scale: Iterable[Shade]) -> int:
    """The step of the colour scale for a number that the scale was made of; 0 for zero."""
    return next((one.step for one in scale if one.least <= value <= one.greatest), 0)
