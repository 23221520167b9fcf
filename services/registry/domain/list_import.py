"""Taking in a list: how far it is, and what became of each line."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.errors import Conflict


class ImportStatus(StrEnum):
    """Where an import stands."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    """Every line is tried; nothing is registered."""
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"


class LineStatus(StrEnum):
    """What became of a line; while checking, what would become of it."""

    CREATED = "created"
    MATCHED = "matched"
    """It is registered already: by this line, in this file, or under its NIK."""
    SIMILAR = "similar"
    """Somebody looks alike; a person decides."""
    REFUSED = "refused"
    SKIPPED = "skipped"
    """The line is empty."""


LINE_LABELS: Final = {
    LineStatus.CREATED: "dicatat",
    LineStatus.MATCHED: "sudah tercatat",
    LineStatus.SIMILAR: "perlu diperiksa",
    LineStatus.REFUSED: "ditolak",
    LineStatus.SKIPPED: "dilewati",
}
UNDER_WAY: Final = frozenset({ImportStatus.CHECKING, ImportStatus.RUNNING})


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one line, and why in words that name nobody."""

    line: int
    status: LineStatus
    beneficiary_id: UUID | None = None
    why: str | None = None


class ImportUnderWay(Conflict):
    """The import is being checked or taken in, or is done."""

    code = "import-under-way"
    title = "Impor ini sedang berjalan atau sudah selesai"
    title_en = "This import is under way or done"


class ImportUnchecked(Conflict):
    """Nobody has seen yet what would become of the lines."""

    code = "import-unchecked"
    title = "Periksa dahulu berkas ini sebelum diimpor"
    title_en = "Check the file before it is imported"


def require_checkable(status: ImportStatus) -> None:
    """Raise `ImportUnderWay` unless the columns may still be chosen."""
    if status not in {ImportStatus.UPLOADED, ImportStatus.CHECKED}:
        raise ImportUnderWay


def require_startable(status: ImportStatus) -> None:
    """Raise `ImportUnchecked` or `ImportUnderWay` unless the lines may be taken in now."""
    if status is ImportStatus.UPLOADED:
        raise ImportUnchecked
    if status is not ImportStatus.CHECKED:
        raise ImportUnderWay
