"""The map that ships: every area of the province, once, and light enough for a phone."""

import json
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from deploy.boundaries.topology import decode
from services.portal.assets import STATIC
from shared.reference.areas import Level, children

FOLDER = STATIC / "map" / "35"
REGENCIES = [code for code, _ in children("35")]
DISTRICTS = [code for regency in REGENCIES for code, _ in children(regency)]
MOST = {"kabupaten.topojson": 80_000, "kecamatan.topojson": 500_000}


def codes(path: Path, level: Level) -> list[str]:
    return [one["id"] for one in decode(json.loads(path.read_bytes()))[level]]


def test_every_kabupaten_and_kecamatan_is_there_once() -> None:
    assert codes(FOLDER / "kabupaten.topojson", Level.REGENCY) == REGENCIES
    assert codes(FOLDER / "kecamatan.topojson", Level.DISTRICT) == DISTRICTS


@pytest.mark.parametrize("regency", REGENCIES)
def test_a_bundle_holds_every_village_and_kecamatan_once_with_an_area(regency: str) -> None:
    bundle = decode(json.loads((FOLDER / f"{regency}.topojson").read_bytes()))
    districts = [code for code, _ in children(regency)]
    villages = [code for district in districts for code, _ in children(district)]
    assert [one["id"] for one in bundle[Level.DISTRICT]] == districts
    assert [one["id"] for one in bundle[Level.VILLAGE]] == sorted(villages)
    for one in bundle[Level.VILLAGE]:
        assert shapely.area(shape(one["geometry"])) > 0, one["id"]


def test_no_file_is_heavier_than_a_phone_should_load() -> None:
    found = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert len(found) == len(REGENCIES) + len(MOST)
    assert [name for name, size in found.items() if size > MOST.get(name, 200_000)] == []
