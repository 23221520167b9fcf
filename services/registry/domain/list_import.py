"""Taking in a list: how far it is, and what became of each line."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.errors import Conflict


class ImportStatus(StrEnum):
    """Where an import stands."""

    RECEIVING = "receiving"
    """Its rows are being put away; it stays so where that failed."""
    UPLOADED = "uploaded"
    CHECKING = "checking"
    """Every line is tried; nothing is registered."""
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Its importer had it stopped: what was taken in stays, the rest is not read."""
    FAILED = "failed"
    """A fault of ours ended it, with the same consequences."""


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
CHECKED_LABELS: Final = {
    **LINE_LABELS,
    LineStatus.CREATED: "akan dicatat",
    LineStatus.REFUSED: "akan ditolak",
}
"""What would become of lines that were only checked."""
UNREAD_LABEL: Final = "tidak dibaca"
_STOPPED_AS: Final = {
    ImportStatus.CHECKING: ImportStatus.UPLOADED,
    ImportStatus.RUNNING: ImportStatus.STOPPED,
}
UNDER_WAY: Final = frozenset(_STOPPED_AS)
BROKEN_OFF: Final = frozenset({ImportStatus.STOPPED, ImportStatus.FAILED})


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one line, and why in words that name nobody."""

    line: int
    status: LineStatus
    beneficiary_id: UUID | None = None
    why: str | None = None


def unread_row(left: int, after: int) -> tuple[str, str, str, str]:
    """The row of a result file for the lines that nobody read, all behind line `after`."""
    which = f"sesudah {after}" if after else "semua"
    return which, UNREAD_LABEL, "", f"Impor dihentikan: {left} baris terakhir tidak dibaca."


class ImportUnderWay(Conflict):
    """The import is being checked or taken in, or is over."""

    code = "import-under-way"
    title = "Impor ini sedang berjalan atau sudah selesai"
    title_en = "This import is under way or done"


class ImportIncomplete(Conflict):
    """The rows of the list were not all put away."""

    code = "import-incomplete"
    title = "Berkas ini belum diterima lengkap. Unggah sekali lagi"
    title_en = "The file was not received whole; upload it again"


class ImportUnchecked(Conflict):
    """Nobody has seen yet what would become of the lines."""

    code = "import-unchecked"
    title = "Periksa dahulu berkas ini sebelum diimpor"
    title_en = "Check the file before it is imported"


class ImportNotUnderWay(Conflict):
    """There is nothing to stop."""

    code = "import-not-under-way"
    title = "Impor ini tidak sedang berjalan"
    title_en = "This import is not under way"


def stopped(status: ImportStatus) -> ImportStatus:
    """What it is once stopped, a check as if never begun; raises `ImportNotUnderWay`."""
    try:
        return _STOPPED_AS[status]
    except KeyError:
        raise ImportNotUnderWay from None


def require_checkable(status: ImportStatus) -> None:
    """Raise `ImportIncomplete` or `ImportUnderWay` unless the columns may still be chosen."""
    if status is ImportStatus.RECEIVING:
        raise ImportIncomplete
    if status not in {ImportStatus.UPLOADED, ImportStatus.CHECKED}:
        raise ImportUnderWay


def require_startable(status: ImportStatus) -> None:
    """Raise `ImportUnchecked` or `ImportUnderWay` unless the lines may be taken in now."""
    if status is ImportStatus.UPLOADED:
        raise ImportUnchecked
    if status is not ImportStatus.CHECKED:
        raise ImportUnderWay
