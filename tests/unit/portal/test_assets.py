"""The files a browser gets: whole, small, and what they claim to be."""

import gzip
import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from services.portal.assets import STATIC, Assets
from services.portal.rendering import SCRIPTS, SPRITE, TEMPLATES

VENDOR = STATIC / "vendor"
ENTRIES = json.loads((VENDOR / "vendor.json").read_text())
CSS = (STATIC / "portal.css").read_text()
PYTHON = Path(__file__).resolve().parents[3] / "services" / "portal"
PAIRS = [
    ("ink", "paper"), ("ink", "sheet"), ("soft", "paper"), ("soft", "sheet"),
    ("brand", "sheet"), ("brand", "paper"), ("brand", "wash"), ("on-brand", "brand"),
    ("info", "info-wash"), ("ok", "ok-wash"), ("done", "done-wash"),
    ("warn", "warn-wash"), ("stop", "stop-wash"), ("mute", "mute-wash"),
    ("stop", "sheet"), ("sheet", "stop"),
]  # fmt: skip
TEXT_CONTRAST = 4.5
EDGE_CONTRAST = 3.0


def test_every_vendored_file_is_the_one_that_was_recorded() -> None:
    recorded = {name: digest for entry in ENTRIES for name, digest in entry["sha256"].items()}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.glob("*/*")
    }
    assert found == recorded


def test_every_vendored_package_brings_its_licence() -> None:
    for entry in ENTRIES:
        licence = VENDOR / f"{entry['name']}-{entry['version']}" / "LICENSE"
        assert licence.read_text().strip(), entry["name"]
        assert entry["licence"]


def test_the_sprite_holds_the_icons_that_pages_use_and_no_others() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / SPRITE).read_text()))
    sources = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    sources += [path.read_text() for path in PYTHON.rglob("*.py") if "vendor" not in path.parts]
    quoted = set(re.findall(r'"([a-z0-9-]+)"', "\n".join(sources)))
    named = set(re.findall(r'icon\("([a-z0-9-]+)"', "\n".join(sources)))
    assert named <= drawn
    assert drawn <= quoted


def test_an_address_changes_with_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    before = Assets(tmp_path).url("a.css")
    (tmp_path / "a.css").write_text("b{}")
    assert Assets(tmp_path).url("a.css") != before


def test_only_files_for_browsers_are_served() -> None:
    served = set(Assets()._by_name)
    map_page = {
        "map.css",
        "map.js",
        "vendor/leaflet-1.9.4/leaflet.css",
        "vendor/leaflet-1.9.4/leaflet.js",
        "vendor/topojson-client-3.1.0/topojson-client.min.js",
    }
    boundaries = {name for name in served if re.fullmatch(r"map/35/[a-z0-9.]+\.topojson", name)}
    others = {"portal.css", "portal.js", "intake.js", "logo.svg", SPRITE, *SCRIPTS}
    assert others | map_page | boundaries == served
    assert len(boundaries) == 40


def test_the_style_sheet_stays_small() -> None:
    assert len(gzip.compress(CSS.encode())) <= 15_000


def test_no_template_holds_a_script_or_a_style_of_its_own() -> None:
    for path in TEMPLATES.rglob("*.html"):
        source = path.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", source), path.name
        assert not re.search(r"<script(?![^>]*\ssrc=)", source), path.name
        assert "|safe" not in source, path.name


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_text_stands_out_from_what_it_is_written_on(theme: str, front: str, back: str) -> None:
    colours = _theme(theme)
    assert _contrast(colours[front], colours[back]) >= TEXT_CONTRAST


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("back", ["sheet", "paper"])
def test_the_edges_of_fields_can_be_seen(theme: str, back: str) -> None:
    colours = _theme(theme)
    assert _contrast(colours["edge"], colours[back]) >= EDGE_CONTRAST


def test_headings_in_templates_never_skip_a_level() -> None:
    for path in TEMPLATES.glob("*.html"):
        levels = [int(level) for level in re.findall(r"<h([1-6])", path.read_text())]
        for above, below in pairwise(levels):
            assert below <= above + 1, path.name


def _theme(theme: str) -> dict[str, str]:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    block = blocks[0] if theme == "light" else blocks[1]
    return {name: _full(value) for name, value in re.findall(r"--([a-z-]+): (#[0-9a-f]+);", block)}


def _full(colour: str) -> str:
    short = colour.removeprefix("#")
    return short if len(short) == 6 else "".join(digit * 2 for digit in short)


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
