"""The map's files: borders kept once, nothing lost, and what is wrong with a file said."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from deploy.boundaries.levels import dissolved, files_of
from deploy.boundaries.reading import Unreadable, read
from deploy.boundaries.topology import decode, encode
from shared.reference.areas import Level, children

KEDIRI, DISTRICT = "35.71", "35.71.01"
VILLAGES = [code for district, _ in children(KEDIRI) for code, _ in children(district)]


def squares(codes: list[str]) -> dict[str, BaseGeometry]:
    """A chequered city: invented areas that touch."""
    return {
        code: shapely.box(112 + n % 8 / 100, -8 + n // 8 / 100, 112 + n % 8 / 100 + 0.01,
                          -8 + n // 8 / 100 + 0.01)
        for n, code in enumerate(codes)
    }  # fmt: skip


def drawn(content: bytes) -> dict[str, dict[str, BaseGeometry]]:
    return {
        name: {one["id"]: shape(one["geometry"]) for one in features}
        for name, features in decode(json.loads(content)).items()
    }


@given(st.integers(1, 40), st.integers(0, 10))
def test_what_is_written_is_read_again(count: int, hole: int) -> None:
    areas = squares(VILLAGES[:count])
    whole = shapely.union_all([*areas.values()])
    areas["hole"] = whole.buffer(0.05).difference(whole) if hole else whole.buffer(1).envelope
    again = drawn(encode({"desa": areas}, steps=100_000))["desa"]
    assert again.keys() == areas.keys()
    for code, area in areas.items():
        assert again[code].symmetric_difference(area).area < 0.02 * area.area, code


def test_a_border_of_two_areas_is_written_once() -> None:
    areas = squares(VILLAGES[:2])
    content = encode({"desa": areas, "kecamatan": dissolved(areas, Level.DISTRICT)}, steps=1000)
    document = json.loads(content)
    used = [
        abs(number) if number >= 0 else ~number
        for name in ("desa", "kecamatan")
        for one in document["objects"][name]["geometries"]
        for rings in one["arcs"]
        for ring in rings
        for number in ring
    ]
    # Two outer borders, each of a village and of the kecamatan, and one between the villages.
    assert len(document["arcs"]) == 3
    assert sorted(used.count(number) for number in range(3)) == [2, 2, 2]


def test_an_area_too_small_for_the_grid_is_not_lost() -> None:
    areas = squares(VILLAGES[:1]) | {"dot": shapely.Point(112.05, -7.95).buffer(1e-9)}
    assert not drawn(encode({"desa": areas}, steps=100))["desa"]["dot"].is_empty


def test_villages_give_all_three_levels_with_the_same_borders() -> None:
    areas = squares(VILLAGES)
    files = dict(files_of(areas, Level.VILLAGE))
    assert set(files) == {"kabupaten.topojson", "kecamatan.topojson", f"{KEDIRI}.topojson"}
    bundle = drawn(files[f"{KEDIRI}.topojson"])
    assert list(bundle["desa"]) == VILLAGES
    assert set(bundle["kecamatan"]) == {code for code, _ in children(KEDIRI)}
    for code, district in bundle["kecamatan"].items():
        inside = [area for one, area in bundle["desa"].items() if one.startswith(code)]
        assert shapely.union_all(inside).symmetric_difference(district).area < 1e-9
    assert set(drawn(files["kabupaten.topojson"])["kabupaten"]) == {KEDIRI}


def feature(code: str, area: BaseGeometry | None, **properties: str) -> dict[str, Any]:
    """One area of a GeoJSON file."""
    outline = mapping(area) if area is not None else None
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": outline}


def city() -> list[dict[str, Any]]:
    """All kabupaten and kota of Jawa Timur, invented."""
    return [feature(code, area) for code, area in squares([c for c, _ in children("35")]).items()]


def written(folder: Path, features: list[dict[str, Any]]) -> Path:
    path = folder / "batas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_a_whole_file_has_no_faults(tmp_path: Path) -> None:
    found = read(written(tmp_path, city()))
    assert (found.level, len(found.areas), found.faults) == (Level.REGENCY, 38, ())


def test_codes_without_dots_and_under_another_name_are_understood(tmp_path: Path) -> None:
    plain = [
        {**one, "properties": {"KDKAB": one["properties"]["code"].replace(".", "")}}
        for one in city()
    ]
    found = read(written(tmp_path, plain), "KDKAB")
    assert found.faults == ()
    assert "35.08" in found.areas


def test_topojson_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "batas.topojson"
    path.write_bytes(encode({"batas": squares([c for c, _ in children("35")])}, steps=9999))
    assert read(path).faults == ()


BOW_TIE = shapely.Polygon([(112, -8), (112.1, -7.9), (112.1, -8), (112, -7.9)])


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (feature("35.99", shapely.box(112, -8, 113, -7)), "35.99 is no code of an area"),
        (feature("", shapely.box(112, -8, 113, -7)), 'Area number 39 of the file has no "code".'),
        (feature("35.08", shapely.box(112, -8, 113, -7)), "35.08 stands in the file twice."),
        (feature("35.08.03", shapely.box(112, -8, 113, -7)), "35.08.03 (Kec. Candipuro) is no kab"),
        (feature("35", shapely.box(112, -8, 113, -7)), "35 (Jawa Timur) is a province"),
    ],
)  # fmt: skip
def test_a_wrong_code_is_named(tmp_path: Path, changed: dict[str, Any], sentence: str) -> None:
    (fault,) = read(written(tmp_path, [*city(), changed])).faults
    assert sentence in fault


@pytest.mark.parametrize(
    ("outline", "sentence"),
    [
        (None, "its outline cannot be read."),
        (shapely.Point(112, -8), "it has no outline."),
        (shapely.Polygon(), "it has no outline."),
        (BOW_TIE, "its outline crosses itself."),
        (shapely.box(11_200, -800, 11_300, -700), "it is not in Indonesia"),
    ],
)
def test_a_broken_outline_is_named(
    tmp_path: Path, outline: BaseGeometry | None, sentence: str
) -> None:
    first, *others = city()
    (fault,) = read(written(tmp_path, [feature("35.01", outline), *others])).faults
    assert fault.startswith("35.01 (")
    assert sentence in fault
    assert first["properties"]["code"] == "35.01"


def test_an_area_that_is_not_there_is_named(tmp_path: Path) -> None:
    (fault,) = read(written(tmp_path, city()[1:])).faults
    assert fault.startswith("35.01 (")
    assert fault.endswith(" is missing.")


def test_a_slightly_crossed_outline_is_mended(tmp_path: Path) -> None:
    crossed = shapely.Polygon(
        [(112, -8), (112.1, -8), (112.1, -7.9), (112.05, -7.9), (112.051, -7.899), (112.051, -7.9),
         (112.05, -7.899), (112, -7.9)]
    )  # fmt: skip
    assert not crossed.is_valid
    found = read(written(tmp_path, [feature("35.01", crossed), *city()[1:]]))
    assert (found.faults, found.mended) == ((), 1)
    assert found.areas["35.01"].is_valid


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"features": []}', '{"type": "Topology"}'])
def test_what_is_no_file_of_areas_cannot_be_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "batas.geojson"
    path.write_text(content)
    with pytest.raises(Unreadable, match=r"batas\.geojson"):
        read(path)
