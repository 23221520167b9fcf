"""How well the shipped map fits other boundaries: `python -m scripts.compare_map VILLAGES_FILE`.

Prints for each level the median of the intersection over the union of the two areas of a code.
docs/map.md publishes the figures.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Final

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from deploy.boundaries.levels import dissolved
from deploy.boundaries.reading import read
from deploy.boundaries.topology import decode
from scripts.build_map import JAWA_TIMUR, TARGET
from shared.reference.areas import Level

_FAIR: Final = 0.5


def main() -> None:
    """Compare every level of the shipped map with what a file of villages gives."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("villages", type=Path, help="GeoJSON or TopoJSON of all villages")
    arguments.add_argument("--province", default=JAWA_TIMUR)
    given = arguments.parse_args()
    reference = read(given.villages).areas
    for level in (Level.REGENCY, Level.DISTRICT, Level.VILLAGE):
        shipped = _shipped(given.province, level)
        others = reference if level is Level.VILLAGE else dissolved(reference, level)
        overlaps = [_overlap(shipped[code], others[code]) for code in shipped if code in others]
        fair = sum(overlap >= _FAIR for overlap in overlaps) / len(overlaps)
        sys.stdout.write(
            f"{level}: {len(overlaps)} of {len(shipped)} areas, median {median(overlaps):.3f}, "
            f"at least {_FAIR} in {fair:.0%}\n"
        )


def _shipped(province: str, level: Level) -> dict[str, BaseGeometry]:
    pattern = f"{province}.*.topojson" if level is Level.VILLAGE else f"{level}.topojson"
    return {
        feature["id"]: shapely.make_valid(shape(feature["geometry"]))
        for path in (TARGET / province).glob(pattern)
        for feature in decode(json.loads(path.read_bytes()))[level]
    }


def _overlap(one: BaseGeometry, other: BaseGeometry) -> float:
    return float(shapely.intersection(one, other).area / shapely.union(one, other).area)


if __name__ == "__main__":
    main()
