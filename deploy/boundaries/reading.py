"""Boundaries out of a GeoJSON or TopoJSON file, with everything that is wrong with them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import shapely
from shapely import GeometryCollection, MultiPolygon
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from deploy.boundaries.topology import decode
from shared.reference.areas import Level, children, is_known, label_of, level_of

CODE_PROPERTY: Final = "code"
_DIGITS: Final = re.compile(r"(\d\d)(\d\d)(?:(\d\d)(\d{4})?)?")
_INDONESIA: Final = shapely.box(94.0, -12.0, 142.0, 7.0)
_ALIKE: Final = 0.01
"""How much of its area an outline that crosses itself may lose by being mended."""


class Unreadable(Exception):
    """The file is neither GeoJSON nor TopoJSON; its text says why."""


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The areas of one level of one or more provinces, and what is wrong with the file."""

    level: Level
    areas: Mapping[str, BaseGeometry]
    mended: int
    faults: tuple[str, ...]


def read(path: Path, code_property: str = CODE_PROPERTY) -> Boundaries:
    """Everything in the file; raises `Unreadable` when it cannot be read at all."""
    found = [
        (number, _code(feature, code_property), feature.get("geometry"))
        for number, feature in enumerate(_features(path), 1)
    ]
    level = _level(code for _, code, _ in found)
    areas: dict[str, BaseGeometry] = {}
    faults: list[str] = []
    mended = 0
    for number, code, geometry in found:
        fault = _fault_of_code(number, code, level, code_property)
        if fault is None and code in areas:
            fault = f"{code} stands in the file twice."
        if fault is not None:
            faults.append(fault)
            continue
        try:
            areas[code], was_mended = _polygons(geometry)
            mended += was_mended
        except ValueError as error:
            areas[code] = GeometryCollection()
            faults.append(f"{code} ({label_of(code)}): {error}")
    faults += [f"{code} ({label_of(code)}) is missing." for code in _missing(areas, level)]
    return Boundaries(level, areas, mended, tuple(faults))


def _features(path: Path) -> list[Mapping[str, Any]]:
    try:
        document = json.loads(path.read_bytes())
        if document["type"] == "Topology":
            found: list[Any] = max(decode(document).values(), key=len)
        else:
            found = document["features"]
        features = [feature for feature in found if isinstance(feature, Mapping)]
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be opened.") from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Unreadable(f"{path.name} is no GeoJSON or TopoJSON file of areas.") from error
    if not features:
        raise Unreadable(f"{path.name} holds no areas.")
    return features


def _code(feature: Mapping[str, Any], code_property: str) -> str:
    """The code in dots, as the file names it; empty when it names none."""
    properties = feature.get("properties") or {}
    value = properties.get(code_property)
    if value is None and code_property == CODE_PROPERTY:
        value = feature.get("id")
    text = "" if value is None else str(value).strip()
    digits = _DIGITS.fullmatch(text)
    return ".".join(part for part in digits.groups() if part) if digits else text


def _level(codes: Iterator[str]) -> Level:
    """The level of most codes."""
    counted = Counter(level_of(code) for code in codes if is_known(code))
    return counted.most_common(1)[0][0] if counted else Level.VILLAGE


def _fault_of_code(number: int, code: str, level: Level, code_property: str) -> str | None:
    if not code:
        return f'Area number {number} of the file has no "{code_property}".'
    if not is_known(code):
        return f"{code} is no code of an area; area number {number} of the file has it."
    if level_of(code) is Level.PROVINCE:
        return f"{code} ({label_of(code)}) is a province; a map begins with kabupaten and kota."
    if level_of(code) is not level:
        return f"{code} ({label_of(code)}) is no {level} as the others in the file are."
    return None


def _polygons(geometry: Any) -> tuple[BaseGeometry, bool]:
    """The area of a geometry, and whether it had to be mended; raises `ValueError` with words."""
    try:
        drawn = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, AttributeError, shapely.GEOSException) as error:
        raise ValueError("its outline cannot be read.") from error
    if not isinstance(drawn, (shapely.Polygon, MultiPolygon)) or drawn.is_empty:
        raise ValueError("it has no outline.")
    if not _INDONESIA.covers(shapely.box(*drawn.bounds)):
        raise ValueError("it is not in Indonesia; coordinates are longitude, latitude (WGS 84).")
    if drawn.is_valid:
        return drawn, False
    mended = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    if mended.is_empty or abs(mended.area - drawn.area) > _ALIKE * mended.area:
        raise ValueError("its outline crosses itself.")
    return mended, True


def _missing(areas: Mapping[str, BaseGeometry], level: Level) -> list[str]:
    provinces = sorted({code[:2] for code in areas})
    known = [code for province in provinces for code in _below(province, level)]
    return [code for code in known if code not in areas]


def _below(code: str, level: Level) -> list[str]:
    """The areas of a level within an area."""
    if level_of(code) is level:
        return [code]
    return [found for child, _ in children(code) for found in _below(child, level)]
