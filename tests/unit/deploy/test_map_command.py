"""`sinergi map import`: all of a good file at once, nothing of a bad one, and every fault named."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import shapely
from shapely import Polygon
from shapely.geometry import mapping

from deploy.boundaries.topology import decode
from shared.reference.areas import Level, children
from tests.fixtures.processes import ROOT

JAKARTA = "31"
REGENCIES = [code for code, _ in children(JAKARTA)]
DISTRICTS = [code for regency in REGENCIES for code, _ in children(regency)]
VILLAGES = [code for district in DISTRICTS for code, _ in children(district)]


def square(number: int) -> Polygon:
    """One square of a board."""
    west, south = 106 + number % 20 / 100, -6 + number // 20 / 100
    return shapely.box(west, south, west + 0.01, south + 0.01)


def written(folder: Path, codes: Sequence[str], name: str = "KODE") -> Path:
    """A file of invented squares."""
    features = [
        {
            "type": "Feature",
            "properties": {name: code.replace(".", "")},
            "geometry": mapping(square(number)),
        }
        for number, code in enumerate(codes)
    ]
    path = folder / "batas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def sinergi(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """`sinergi map import` on a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", "map", "import", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "SINERGI_DATA": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def in_force(folder: Path) -> tuple[dict[str, Path], str]:
    """The files that the portal serves, by name, and whom it credits."""
    where = folder / "data" / "map"
    if not (where / "current.json").exists():
        return {}, ""
    said = json.loads((where / "current.json").read_text())
    place = where / said["folder"] / "map"
    return {path.relative_to(place).as_posix(): path for path in place.rglob("*.topojson")}, said[
        "credit"
    ]


def codes_in(path: Path, level: Level) -> list[str]:
    return [one["id"] for one in decode(json.loads(path.read_bytes()))[level]]


def test_a_file_of_all_villages_gives_every_level(tmp_path: Path) -> None:
    file = written(tmp_path, VILLAGES)
    answer = sinergi(tmp_path, file, "--code-property", "KODE", "--credit", "BIG 2026")
    assert answer.returncode == 0, answer.stderr
    assert f"{len(VILLAGES)} desa" in answer.stdout
    files, credit = in_force(tmp_path)
    assert credit == "BIG 2026"
    bundles = [f"{JAKARTA}/{regency}.topojson" for regency in REGENCIES]
    assert set(files) == {"31/kabupaten.topojson", "31/kecamatan.topojson", *bundles}
    assert codes_in(files["31/kabupaten.topojson"], Level.REGENCY) == REGENCIES
    assert codes_in(files["31/kecamatan.topojson"], Level.DISTRICT) == DISTRICTS
    found = [code for name in bundles for code in codes_in(files[name], Level.VILLAGE)]
    assert sorted(found) == sorted(VILLAGES)


def test_a_file_of_kabupaten_replaces_these_and_leaves_the_villages(tmp_path: Path) -> None:
    sinergi(tmp_path, written(tmp_path, VILLAGES), "--code-property", "KODE")
    before, _ = in_force(tmp_path)
    kept = {name: path.read_bytes() for name, path in before.items()}
    assert (
        sinergi(tmp_path, written(tmp_path, REGENCIES), "--code-property", "KODE").returncode == 0
    )
    after, credit = in_force(tmp_path)
    assert credit == "batas"
    changed = {name for name, path in after.items() if path.read_bytes() != kept[name]}
    assert changed == {"31/kabupaten.topojson"}


def test_a_dry_run_checks_and_changes_nothing(tmp_path: Path) -> None:
    answer = sinergi(tmp_path, written(tmp_path, REGENCIES), "--code-property=KODE", "--dry-run")
    assert answer.returncode == 0, answer.stderr
    assert "Nothing was changed." in answer.stdout
    assert in_force(tmp_path) == ({}, "")


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        (REGENCIES[1:], f"{REGENCIES[0]} (Kabupaten Administrasi Kepulauan Seribu) is missing."),
        ([*REGENCIES, REGENCIES[0]], f"{REGENCIES[0]} stands in the file twice."),
        ([*REGENCIES, "31.99"], "31.99 is no code of an area"),
    ],
)
def test_a_file_with_a_fault_replaces_nothing(
    tmp_path: Path, codes: list[str], sentence: str
) -> None:
    good = sinergi(tmp_path, written(tmp_path, REGENCIES), "--code-property", "KODE")
    before, _ = in_force(tmp_path)
    answer = sinergi(tmp_path, written(tmp_path, codes), "--code-property", "KODE")
    assert (good.returncode, answer.returncode) == (0, 2)
    assert sentence in answer.stderr
    assert "1 fault in the file; nothing was changed." in answer.stderr
    assert in_force(tmp_path)[0] == before


def test_many_faults_are_counted_and_the_first_named(tmp_path: Path) -> None:
    answer = sinergi(tmp_path, written(tmp_path, VILLAGES), "--code-property", "LAIN")
    assert answer.returncode == 2
    assert 'Area number 1 of the file has no "LAIN".' in answer.stderr
    assert f"and {len(VILLAGES) - 30} more." in answer.stderr


def test_what_is_no_file_of_areas_is_one_sentence(tmp_path: Path) -> None:
    assert "cannot be opened" in sinergi(tmp_path, tmp_path / "none.json").stderr
    (tmp_path / "text.json").write_text("hello")
    answer = sinergi(tmp_path, tmp_path / "text.json")
    assert answer.stderr == "text.json is no GeoJSON or TopoJSON file of areas.\n"
