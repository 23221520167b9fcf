"""Tables as CSV or XLSX files: no cell is ever a formula."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import IO, Any, Final, Literal

import xlsxwriter  # type: ignore[import-untyped] # it ships no types
from starlette.responses import Response, StreamingResponse

from shared.formulas import safe

Format = Literal["csv", "xlsx"]
Cell = str | int | float | datetime | None
MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WIB: Final = timezone(timedelta(hours=7), "WIB")
_CHUNK: Final = 64 * 1024
_WIDTH: Final = 18
"""Of each column, in letters."""
_XLSX_OPTIONS: Final = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip

Rows = Iterable[Sequence[Cell]]


async def sheet(name: str, kind: Format, head: Sequence[str], rows: Rows) -> Response:
    """The table as a file to save; written in a thread, for thousands of lines take a while."""
    write = _csv if kind == "csv" else _xlsx
    payload = await asyncio.to_thread(write, head, rows)
    return Response(payload, media_type=MEDIA[kind], headers=_headers(name, kind))


async def long_sheet(
    name: str, kind: Format, head: Rows, batches: AsyncIterator[Rows]
) -> StreamingResponse:
    """The same for any number of lines, in as much memory as one batch takes.

    The first batch is asked for before the answer begins, so that a refusal is still told as one.
    """
    first: Rows = await anext(batches, [])
    stream = _csv_stream if kind == "csv" else _xlsx_stream
    return StreamingResponse(
        stream(head, _chained(first, batches)),
        media_type=MEDIA[kind],
        headers=_headers(name, kind),
    )


async def _chained(first: Rows, batches: AsyncIterator[Rows]) -> AsyncIterator[Rows]:
    yield first
    async for batch in batches:
        yield batch


def _headers(name: str, kind: Format) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "no-store",
    }


def _local(moment: datetime) -> datetime:
    """Western Indonesian Time without its zone: spreadsheets know none."""
    return moment.astimezone(_WIB).replace(tzinfo=None, microsecond=0)


def _csv(head: Sequence[str], rows: Rows) -> bytes:
    # The mark by which spreadsheet programs know UTF-8.
    return b"\xef\xbb\xbf" + _csv_lines([head]) + _csv_lines(rows)


def _csv_lines(rows: Rows) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text)
    for row in rows:
        lines.writerow([_plain(cell) for cell in row])
    return text.getvalue().encode()


async def _csv_stream(head: Rows, batches: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + _csv_lines(head)
    async for batch in batches:
        yield await asyncio.to_thread(_csv_lines, batch)


def _plain(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{_local(cell):%Y-%m-%d %H:%M:%S}"
    return safe(cell) if isinstance(cell, str) else cell


def _xlsx(head: Sequence[str], rows: Rows) -> bytes:
    target = io.BytesIO()
    book = _Book(target)
    book.write_head([head])
    book.write(rows)
    book.close()
    return target.getvalue()


async def _xlsx_stream(head: Rows, batches: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    with tempfile.TemporaryFile() as target:
        book = _Book(target)
        try:
            book.write_head(head)
            async for batch in batches:
                await asyncio.to_thread(book.write, batch)
        finally:
            await asyncio.to_thread(book.close)
        target.seek(0)
        while chunk := target.read(_CHUNK):
            yield chunk


class _Book:
    """One sheet of an XLSX file, written from its first line to its last."""

    def __init__(self, target: IO[bytes]) -> None:
        self._book: Any = xlsxwriter.Workbook(target, _XLSX_OPTIONS)
        self._page = self._book.add_worksheet()
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._strong = self._book.add_format({"bold": True})
        self._next = self._columns = self._head = 0

    def write_head(self, rows: Rows) -> None:
        """Begin with these lines, of which the last names the columns and stays in sight."""
        lines = list(rows)
        self._columns = len(lines[-1])
        self._page.set_column(0, self._columns - 1, _WIDTH)
        self._page.set_row(len(lines) - 1, None, self._strong)
        self.write(lines)
        self._head = self._next
        self._page.freeze_panes(self._head, 0)

    def write(self, rows: Rows) -> None:
        """Add lines."""
        for row in rows:
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    self._page.write_datetime(self._next, column, _local(cell), self._moment)
                elif isinstance(cell, str):
                    # Leaving the sheet as CSV must not make a formula of it either.
                    self._page.write_string(self._next, column, safe(cell))
                elif cell is not None:
                    self._page.write_number(self._next, column, cell)
            self._next += 1

    def close(self) -> None:
        """Finish the file; its lines can be sorted and filtered by every column."""
        self._page.autofilter(self._head - 1, 0, self._next - 1, self._columns - 1)
        self._book.close()
