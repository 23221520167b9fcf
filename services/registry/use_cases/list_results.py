"""What became of every line of an import, as the rows of a file that names nobody."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from services.registry.domain.list_import import (
    CHECKED_LABELS,
    LINE_LABELS,
    ImportStatus,
    LineResult,
    LineStatus,
    unread_row,
)
from services.registry.storage import imports
from services.registry.storage.imports import Import
from shared.database import Database
from shared.row_scope import NO_SCOPE, RowScope

HEAD: Final = ("Baris", "Hasil", "Nomor data", "Keterangan")
_PAGE: Final = 2_000


async def list_results(
    one: Import, *, database: Database, scope: RowScope = NO_SCOPE
) -> AsyncIterator[list[tuple[str | int, ...]]]:
    """The rows a page at a time, each in a transaction of its own.

    Of an import that was broken off the last one says which lines were not read.
    """
    labels = CHECKED_LABELS if one.status is ImportStatus.CHECKED else LINE_LABELS
    after = 0
    while True:
        async with database.transaction(scope) as tx:
            found = await imports.lines(
                tx, one.id, statuses=list(LineStatus), after=after, limit=_PAGE
            )
        yield [_row(line, labels) for line in found]
        after = found[-1].line if found else after
        if len(found) < _PAGE:
            break
    if one.left:
        yield [unread_row(one.left, after)]


def _row(one: LineResult, labels: Mapping[LineStatus, str]) -> tuple[str | int, ...]:
    return one.line, labels[one.status], str(one.beneficiary_id or ""), one.why or ""
