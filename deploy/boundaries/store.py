"""Where imported boundaries are kept, so that the portal finds a whole set or the one before."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CURRENT: Final = "current.json"
"""Names the folder in force and whom its maps credit; replaced in one step."""
_KEPT: Final = 2


def keep(folder: Path, files: Mapping[str, bytes], credit: str) -> None:
    """Put these files in force, beside those of earlier imports that they do not replace.

    Until the last step the portal serves what it served before, and after a failure it still does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".import-", dir=folder))
    try:
        made.chmod(0o755)
        before = _in_force(folder)
        if before is not None:
            shutil.copytree(before, made, dirs_exist_ok=True)
        for name, content in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        version = folder / _digest(made)
        if not version.exists():
            made.rename(version)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    note = folder / f".{CURRENT}"
    note.write_text(json.dumps({"folder": version.name, "credit": credit}), encoding="utf-8")
    note.replace(folder / CURRENT)
    _forget_older(folder, version)


def _in_force(folder: Path) -> Path | None:
    try:
        named = json.loads((folder / CURRENT).read_text(encoding="utf-8"))["folder"]
    except FileNotFoundError:
        return None
    return folder / str(named)


def _digest(made: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(made.rglob("*.topojson")):
        digest.update(path.relative_to(made).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _forget_older(folder: Path, newest: Path) -> None:
    """Keep the set in force and the one that open pages may still show."""
    os.utime(newest)
    sets = [path for path in folder.iterdir() if path.is_dir()]
    sets.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in sets[_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
