"""Lists as files, CSV or XLSX: opened, their columns found, and read row by row."""

import codecs
import contextlib
import csv
import datetime as dt
import functools
import io
import itertools
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import python_calamine

from services.registry.domain.import_columns import MOST_COLUMNS, head_of
from services.registry.domain.import_row import Line
from shared.errors import RuleViolated
from shared.formulas import unguarded

SAMPLES: Final = 3
_LOOKED_AT: Final = 20
"""Among how many first lines the names of the columns are looked for."""
_UNPACKED: Final = 512 * 1024 * 1024
"""What an XLSX file may hold at most once it is unpacked."""
_CELLS: Final = 8_000_000
"""Some 250 MB in memory; a list of a whole kabupaten in thirty columns has half as many."""
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_FILLED_CELL: Final = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>/]*>')
_LONGEST_CELL_TAG: Final = 256
_BLOCK: Final = 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = ",;\t|"
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_EXACT_DIGITS: Final = 1e15
"""From here on spreadsheet programs keep fewer digits than they show."""
_EXACT_FLOAT: Final = 2**53
_TEN: Final = 10


class FileUnreadable(RuleViolated):
    """The file is no list we can read."""

    code = "file-unreadable"
    title = "Berkas tidak dapat dibaca"
    title_en = "The file cannot be read"


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A list whose columns were found: their names, some rows, and all rows to be read once."""

    headers: list[str]
    samples: list[list[str]] = field(repr=False)
    rows: Iterator[Line] = field(repr=False)


def opened(file: BinaryIO) -> OpenedList:
    """The list in a file, told apart by its content; raises `FileUnreadable`."""
    start = file.read(_BLOCK)
    file.seek(0)
    if start.startswith(_OLD_EXCEL):
        raise FileUnreadable("Simpan dahulu sebagai XLSX atau CSV.", "/file")
    lines = _xlsx_lines(file) if start.startswith(_ZIP) else _csv_lines(file, start)
    first = list(itertools.islice(lines, _LOOKED_AT))
    head = head_of([line.cells for line in first])
    if not first or not any(first[head].cells):
        raise FileUnreadable("Tidak ada baris judul kolom.", "/file")
    body = first[head + 1 :]
    samples = [list(line.cells) for line in body if any(line.cells)][:SAMPLES]
    return OpenedList(list(first[head].cells), samples, itertools.chain(body, lines))


def _csv_lines(file: BinaryIO, start: bytes) -> Iterator[Line]:
    encoding = _encoding(file, start)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        sample = text.read(_BLOCK // 16)
        text.seek(0)
        delimiter = _delimiter(sample)
        reader = csv.reader(text, delimiter=delimiter)
        while True:
            number = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            if reader.line_num > number and _swallows(row, delimiter):
                raise FileUnreadable(f"Tanda kutip di baris {number} tidak ditutup.", "/file")
            yield Line(number, [_cleaned(cell) for cell in row[:MOST_COLUMNS]])
    except (csv.Error, UnicodeError) as error:
        raise FileUnreadable("Isi berkas tidak terbaca sebagai daftar CSV.", "/file") from error
    finally:
        # The file is the caller's, who may have closed it by now.
        with contextlib.suppress(ValueError):
            text.detach()


def _swallows(row: list[str], delimiter: str) -> bool:
    """Whether a cell holds a whole row more: an address has several lines, but not its columns."""
    inner = (line for cell in row for line in cell.splitlines()[1:])
    return any(line.count(delimiter) > max(len(row) // 2, 1) for line in inner)


def _encoding(file: BinaryIO, start: bytes) -> str:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if b"\x00" in start:
        raise FileUnreadable("Berkas ini bukan CSV atau XLSX.", "/file")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    else:
        return "utf-8"
    finally:
        file.seek(0)


def _delimiter(sample: str) -> str:
    """The one that cuts most of the first lines into the same number of cells."""

    def agreement(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in itertools.islice(reader, _LOOKED_AT) if any(row))
        return max((times * (width - 1) for width, times in widths.items()), default=0)

    return max(_DELIMITERS, key=agreement)


def _xlsx_lines(file: BinaryIO) -> Iterator[Line]:
    try:
        with zipfile.ZipFile(file) as packed:
            size = sum(one.file_size for one in packed.infolist())
            if size > _UNPACKED or any(
                _cells(packed, one) > _CELLS for one in packed.namelist() if _SHEET.match(one)
            ):
                raise FileUnreadable("Isi berkas terlalu besar. Simpan sebagai CSV.", "/file")
        file.seek(0)
        book = python_calamine.load_workbook(file)
        names = [
            one.name
            for one in book.sheets_metadata
            if one.visible is python_calamine.SheetVisibleEnum.Visible
        ]
        # One at a time: the reader makes room for all cells of each.
        are_several = any(book.get_sheet_by_name(name).height > 1 for name in names[1:])
        sheet = book.get_sheet_by_name(names[0])
        rows = sheet.iter_rows()
    except (python_calamine.CalamineError, zipfile.BadZipFile, IndexError, OSError) as error:
        raise FileUnreadable("Berkas XLSX rusak atau terkunci kata sandi.", "/file") from error
    if are_several:
        # Often one sheet for each desa: whichever were chosen, the others would be lost unseen.
        raise FileUnreadable(
            "Berkas ini berisi beberapa lembar. Impor satu lembar satu kali: simpan sebagai berkas "
            "sendiri, atau sembunyikan lembar yang lain.",
            "/file",
        )
    # Columns left empty at the left are part of the sheet for whoever looks at it.
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(rows, start=1):
        yield Line(number, (left + [_cleaned(_written(cell)) for cell in row])[:MOST_COLUMNS])


def _cells(packed: zipfile.ZipFile, sheet: str) -> int:
    """How many cells lie up to the last column and row that hold anything.

    The reader makes room for all of them: one slip of the hand in the last row would take
    gigabytes, and end the process.
    """
    width = height = 0
    left = b""
    with packed.open(sheet) as content:
        while block := content.read(_BLOCK):
            for column, row in _FILLED_CELL.findall(left + block):
                width, height = max(width, _column(column)), max(height, int(row))
            left = block[-_LONGEST_CELL_TAG:]
    return width * height


def _column(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    return functools.reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)


def _written(cell: Any) -> str:
    """A cell of a spreadsheet as text."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "ya" if cell else "tidak"
    if isinstance(cell, int | float):
        return _number(float(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _number(number: float) -> str:
    """The digits of a number; what has lost some of them is written as a power of ten."""
    if not number.is_integer():
        return repr(number)
    whole = int(number)
    if abs(number) < _EXACT_DIGITS or (abs(number) < _EXACT_FLOAT and whole % _TEN):
        return str(whole)
    return f"{number:.15e}"


def _cleaned(cell: str) -> str:
    """Text as it is stored: one line, no control characters, no guard against formulas."""
    plain = unguarded(cell).strip()
    if plain.isprintable() and "  " not in plain:
        return plain
    return " ".join(_CONTROLS.sub(" ", plain).split())
