"""TopoJSON of areas that touch: each border is written once, however many areas share it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import shapely
from shapely import LinearRing, Polygon
from shapely.geometry.base import BaseGeometry

Point = tuple[int, int]
Line = Sequence[tuple[float, float]]
Areas = Mapping[str, BaseGeometry]
_FEWEST: Final = 3
"""A ring of fewer points has no inside."""


def encode(objects: Mapping[str, Areas], *, steps: int) -> bytes:
    """Areas by code, under the names of their objects, on a grid of so many steps each way.

    An area too small for the grid becomes its smallest triangle, so that none is lost.
    """
    grid = _Grid([area for areas in objects.values() for area in areas.values()], steps)
    rounded = {
        name: {code: [*grid.rounded(area)] for code, area in areas.items()}
        for name, areas in objects.items()
    }
    arcs = _Arcs(
        ring
        for areas in rounded.values()
        for polygons in areas.values()
        for rings in polygons
        for ring in rings
    )
    document = {
        "type": "Topology",
        "objects": {
            name: {
                "type": "GeometryCollection",
                "geometries": [
                    {
                        "type": "MultiPolygon",
                        "id": code,
                        "arcs": [[arcs.of(ring) for ring in rings] for rings in polygons],
                    }
                    for code, polygons in areas.items()
                ],
            }
            for name, areas in rounded.items()
        },
        "arcs": [_deltas(arc) for arc in arcs.found],
        "transform": {"scale": grid.scale, "translate": grid.origin},
    }
    return json.dumps(document, separators=(",", ":")).encode()


def decode(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The features of each object of a TopoJSON document; raises `KeyError` and its like."""
    transform = document.get("transform") or {"scale": (1, 1), "translate": (0, 0)}
    is_delta = "transform" in document
    arcs = [
        [*_absolute(arc, transform["scale"], transform["translate"], is_delta=is_delta)]
        for arc in document["arcs"]
    ]
    return {
        name: [_feature(one, arcs) for one in found.get("geometries", [found])]
        for name, found in document["objects"].items()
    }


class _Grid:
    """Rounds coordinates to whole steps of a box around all areas."""

    def __init__(self, areas: Sequence[BaseGeometry], steps: int) -> None:
        west, south, east, north = (float(side) for side in shapely.total_bounds(areas))
        self.origin = [west, south]
        self.scale = [((east - west) or 1.0) / steps, ((north - south) or 1.0) / steps]

    def rounded(self, area: BaseGeometry) -> Iterator[list[list[Point]]]:
        """The polygons of an area, each as its rings without the point that closes them."""
        whole = [
            [kept for ring in (part.exterior, *part.interiors) if (kept := self._ring(ring))]
            for part in shapely.get_parts(area)
            if isinstance(part, Polygon)
        ]
        drawn = [rings for rings in whole if rings]
        yield from drawn or [[self._smallest(area)]]

    def _ring(self, ring: LinearRing) -> list[Point] | None:
        points = [self._point(x, y) for x, y, *_ in ring.coords[:-1]]
        kept = [after for before, after in pairwise([points[-1], *points]) if before != after]
        return kept if len(set(kept)) >= _FEWEST else None

    def _smallest(self, area: BaseGeometry) -> list[Point]:
        inside = area.representative_point()
        x, y = self._point(inside.x, inside.y)
        return [(x, y), (x + 1, y), (x, y + 1)]

    def _point(self, x: float, y: float) -> Point:
        return (
            round((x - self.origin[0]) / self.scale[0]),
            round((y - self.origin[1]) / self.scale[1]),
        )


class _Arcs:
    """Rings cut where borders part, each piece kept once."""

    def __init__(self, rings: Iterable[list[Point]]) -> None:
        self.found: list[tuple[Point, ...]] = []
        self._numbers: dict[tuple[Point, ...], int] = {}
        self._junctions: set[Point] = set()
        beside: dict[Point, frozenset[Point]] = {}
        for ring in rings:
            for place, here in enumerate(ring):
                before, after = ring[place - 1], ring[(place + 1) % len(ring)]
                both = frozenset((before, after))
                if beside.setdefault(here, both) != both:
                    self._junctions.add(here)

    def of(self, ring: list[Point]) -> list[int]:
        """The numbers of a ring's arcs, complemented where an arc is walked backward."""
        cuts = [place for place, point in enumerate(ring) if point in self._junctions]
        # A ring that meets no other begins anywhere: the same place finds the same ring again.
        start = cuts[0] if cuts else ring.index(min(ring))
        turned = [*ring[start:], *ring[:start], ring[start]]
        ends = [place - start for place in cuts[1:]] + [len(ring)]
        pieces, begin = [], 0
        for end in ends:
            pieces.append(tuple(turned[begin : end + 1]))
            begin = end
        return [self._number(piece) for piece in pieces]

    def _number(self, piece: tuple[Point, ...]) -> int:
        known = self._numbers.get(piece)
        if known is not None:
            return known
        back = self._numbers.get(piece[::-1])
        if back is not None:
            return ~back
        self._numbers[piece] = len(self.found)
        self.found.append(piece)
        return self._numbers[piece]


def _deltas(arc: Sequence[Point]) -> list[list[int]]:
    first, *_ = arc
    return [[*first], *([b[0] - a[0], b[1] - a[1]] for a, b in pairwise(arc))]


def _absolute(
    arc: Sequence[Sequence[float]],
    scale: Sequence[float],
    translate: Sequence[float],
    *,
    is_delta: bool,
) -> Iterator[tuple[float, float]]:
    x = y = 0.0
    for one in arc:
        x, y = (x + one[0], y + one[1]) if is_delta else (one[0], one[1])
        yield x * scale[0] + translate[0], y * scale[1] + translate[1]


def _feature(
    one: Mapping[str, Any], arcs: Sequence[Sequence[tuple[float, float]]]
) -> dict[str, Any]:
    def ring(numbers: Sequence[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for number in numbers:
            piece = arcs[~number][::-1] if number < 0 else arcs[number]
            points += piece[1:] if points else piece
        return points

    match one.get("type"):
        case "Polygon":
            coordinates: Any = [ring(numbers) for numbers in one["arcs"]]
        case "MultiPolygon":
            coordinates = [[ring(numbers) for numbers in rings] for rings in one["arcs"]]
        case _:
            coordinates = None
    shape = {"type": one["type"], "coordinates": coordinates} if coordinates is not None else None
    return {"id": one.get("id"), "properties": one.get("properties") or {}, "geometry": shape}
