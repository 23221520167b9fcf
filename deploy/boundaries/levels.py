"""The three levels of a map, all made from one set of areas, each as small as a phone needs it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from deploy.boundaries.topology import Areas, encode
from shared.reference.areas import LENGTH_OF, Level


@dataclass(frozen=True, slots=True)
class _Fit:
    """How large a file may be, and how fine its grid is."""

    most_bytes: int
    steps: int


_REGENCIES: Final = _Fit(most_bytes=80_000, steps=30_000)
_DISTRICTS: Final = _Fit(most_bytes=500_000, steps=50_000)
_VILLAGES: Final = _Fit(most_bytes=200_000, steps=20_000)
_TOLERANCES: Final = (0.0002, 0.0004, 0.0007, 0.001, 0.0014, 0.002, 0.003, 0.004, 0.006, 0.009)
"""Degrees, roughly: of 0.001 the map loses what is smaller than a hundred metres."""
_COARSEST: Final = 0.02


class TooLarge(Exception):
    """A level stays too large for a phone however much detail it loses."""


def files_of(areas: Areas, level: Level) -> Iterator[tuple[str, bytes]]:
    """The map's files that areas of this level give: its own level and those above, by name.

    Borders that are the same stay the same: a level is dissolved from the one below.
    """
    if level is Level.VILLAGE:
        for regency, villages in sorted(grouped(areas, Level.REGENCY).items()):
            yield f"{regency}.topojson", _bundle(villages)
        areas = dissolved(areas, Level.DISTRICT)
    if level is not Level.REGENCY:
        yield f"{Level.DISTRICT}.topojson", _fitting(areas, Level.DISTRICT, _DISTRICTS)
        areas = dissolved(areas, Level.REGENCY)
    yield f"{Level.REGENCY}.topojson", _fitting(areas, Level.REGENCY, _REGENCIES)


def number_of_files(areas: Areas, level: Level) -> int:
    """How many files `files_of` makes."""
    if level is Level.VILLAGE:
        return len(grouped(areas, Level.REGENCY)) + 2
    return 2 if level is Level.DISTRICT else 1


def grouped(areas: Areas, level: Level) -> dict[str, dict[str, BaseGeometry]]:
    """Areas by the area of a higher level that holds them."""
    groups: dict[str, dict[str, BaseGeometry]] = defaultdict(dict)
    for code, area in areas.items():
        groups[code[: LENGTH_OF[level]]][code] = area
    return dict(groups)


def dissolved(areas: Areas, level: Level) -> dict[str, BaseGeometry]:
    """The areas of a higher level, each the sum of what it holds."""
    return {
        code: _sum(list(parts.values())) for code, parts in sorted(grouped(areas, level).items())
    }


def _sum(parts: list[BaseGeometry]) -> BaseGeometry:
    if shapely.coverage_is_valid(parts):
        return shapely.coverage_union_all(parts)
    return shapely.union_all(parts)


def _bundle(villages: Areas) -> bytes:
    for tolerance in (0.0, *_TOLERANCES):
        simpler = _simplified(villages, tolerance)
        made = encode(
            {Level.VILLAGE: simpler, Level.DISTRICT: dissolved(simpler, Level.DISTRICT)},
            steps=_VILLAGES.steps,
        )
        if len(made) <= _VILLAGES.most_bytes:
            return made
    raise TooLarge(min(villages)[: LENGTH_OF[Level.REGENCY]])


def _fitting(areas: Areas, level: Level, fit: _Fit) -> bytes:
    for tolerance in (*_TOLERANCES, _COARSEST):
        made = encode({level: _simplified(areas, tolerance)}, steps=fit.steps)
        if len(made) <= fit.most_bytes:
            return made
    raise TooLarge(level)


def _simplified(areas: Areas, tolerance: float) -> Mapping[str, BaseGeometry]:
    """With fewer points, and the same ones on both sides of a border; small islands may go."""
    parts = shapely.coverage_simplify(list(areas.values()), tolerance)
    return {
        code: simpler if not simpler.is_empty else whole
        for (code, whole), simpler in zip(areas.items(), parts, strict=True)
    }
