"""Renews the vendored browser files from npm, at the versions pinned here.

A developer's command, never run by the product: `python services/portal/static/vendor/refresh.py`.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package and the files of it that ship."""

    name: str
    version: str
    licence: str
    files: tuple[str, ...]


HTMX: Final = Package("htmx.org", "2.0.11", "0BSD", ("dist/htmx.min.js", "LICENSE"))
SSE: Final = Package("htmx-ext-sse", "2.2.4", "0BSD", ("dist/sse.min.js", "LICENSE"))
LEAFLET: Final = Package(
    "leaflet", "1.9.4", "BSD-2-Clause", ("dist/leaflet.js", "dist/leaflet.css", "LICENSE")
)
TOPOJSON: Final = Package(
    "topojson-client", "3.1.0", "ISC", ("dist/topojson-client.min.js", "LICENSE")
)
LUCIDE: Final = Package("lucide-static", "1.62.0", "ISC", ("LICENSE",))
ICONS: Final = (
    "arrow-right",
    "ban",
    "bell",
    "bell-off",
    "building-2",
    "check",
    "chevron-down",
    "circle",
    "circle-check",
    "circle-help",
    "circle-x",
    "clipboard-list",
    "clock",
    "clock-alert",
    "eye",
    "eye-off",
    "file-text",
    "file-x",
    "hand",
    "hand-heart",
    "image",
    "inbox",
    "info",
    "log-out",
    "map",
    "map-pin",
    "message-square",
    "minus",
    "paperclip",
    "pause",
    "pencil",
    "phone",
    "play",
    "printer",
    "refresh-cw",
    "route",
    "search",
    "send",
    "shield",
    "shuffle",
    "siren",
    "triangle-alert",
    "undo-2",
    "user-plus",
    "user-round",
    "users",
)


def main() -> None:
    """Fetch each package, keep its files, write vendor.json."""
    entries = [_vendor(package) for package in (HTMX, SSE, LEAFLET, TOPOJSON, LUCIDE)]
    (HERE / "vendor.json").write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def _vendor(package: Package) -> dict[str, object]:
    folder = HERE / f"{package.name}-{package.version}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with tempfile.TemporaryDirectory() as temporary:
        unpacked = _unpack(package, Path(temporary))
        for file in package.files:
            shutil.copyfile(unpacked / file, folder / Path(file).name)
        if package is LUCIDE:
            (folder / "sprite.svg").write_text(_sprite(unpacked / "icons"), encoding="utf-8")
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "sha256": {
            f"{folder.name}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(folder.iterdir())
        },
    }


def _unpack(package: Package, folder: Path) -> Path:
    packed = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    with tarfile.open(folder / packed) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def _sprite(icons: Path) -> str:
    """One file with a symbol per icon; strokes are styled where the icon is used."""
    symbols = []
    for name in ICONS:
        drawn = (icons / f"{name}.svg").read_text(encoding="utf-8")
        match = re.search(r"<svg[^>]*>(.*)</svg>", drawn, re.DOTALL)
        if match is None:
            raise ValueError(f"{name}.svg holds no drawing")
        paths = re.sub(r"\s+", " ", match.group(1)).replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{paths}</symbol>')
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'


if __name__ == "__main__":
    main()
