"""Tables as CSV or XLSX for coordinators: codes and figures, nobody's name or need."""

import asyncio
import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final, Literal

import xlsxwriter  # type: ignore[import-untyped] # it ships no types
from starlette.responses import Response

from services.cases.domain.labels import AGES, URGENCIES
from services.cases.domain.referral_status import STATUSES
from services.cases.storage.boards import By, Line
from shared.contracts.codes import Confidentiality, ReferralStatus, Urgency
from shared.reference.areas import label_of
from shared.reference.pillars import PILLARS

Format = Literal["csv", "xlsx"]
Cell = str | int | float | datetime | None
_MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA: Final = re.compile(r"^\s*[=+\-@\t\r\n|%]")
"""What spreadsheet programs may read as a formula, also behind blanks (OWASP CSV injection)."""
_WIB: Final = timezone(timedelta(hours=7), "WIB")
_HOUR: Final = 3600

BOARD_HEAD: Final = (
    "Kode", "Nama", "Terbuka", "Terlambat", "Dieskalasi",
    "Jawaban 30 hari", "Jawaban median (jam)", "Jawaban p90 (jam)",
    "Selesai 30 hari", "Selesai median (jam)", "Selesai p90 (jam)",
)  # fmt: skip
OPEN_HEAD: Final = (
    "Nomor kasus", "Status", "Pilar", "Kode wilayah", "Wilayah", "Urgensi", "Kategori",
    "Dikirim (WIB)", "Jawab sebelum (WIB)", "Tangani sebelum (WIB)", "Selesaikan sebelum (WIB)",
    "Terlambat", "Tingkat eskalasi",
)  # fmt: skip


async def sheet(
    name: str, kind: Format, head: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Response:
    """The table as a file to save; written in a thread, for thousands of lines take a while."""
    write = _csv if kind == "csv" else _xlsx
    payload = await asyncio.to_thread(write, head, rows)
    return Response(
        payload,
        media_type=_MEDIA[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{kind}"',
            "Cache-Control": "no-store",
        },
    )


def board_row(line: Line, by: By) -> list[Cell]:
    """A line of the board."""
    times = [
        value
        for one in (line.reply, line.completion)
        for value in (
            (one.count, round(one.median / _HOUR, 2), round(one.p90 / _HOUR, 2))
            if one
            else (0, None, None)
        )
    ]
    return [
        line.key or "",
        _name(line.key, by),
        line.open,
        line.overdue,
        line.escalated,
        *times,
    ]


def open_row(row: Any, now: datetime) -> list[Cell]:
    """A line of the open list; the category of what is confidential stays out."""
    plain = row["confidentiality"] == Confidentiality.C1.value
    return [
        row["case_number"],
        STATUSES[ReferralStatus(row["status"])].label,
        PILLARS[row["pillar"]].name,
        row["area"],
        label_of(row["area"]),
        URGENCIES[Urgency(row["urgency"])][0],
        row["category"] if plain else "",
        row["sent_at"],
        row["reply_by"],
        row["act_by"],
        row["close_by"],
        "ya" if row["due_at"] is not None and row["due_at"] < now else "tidak",
        row["escalation_level"],
    ]


def safe(text: str) -> str:
    """The text as no spreadsheet program takes for a formula."""
    return "'" + text if _FORMULA.match(text) else text


def _name(key: str | None, by: By) -> str:
    if key is None:
        return "Semua"
    match by:
        case By.STATUS:
            return STATUSES[ReferralStatus(key)].label
        case By.PILLAR:
            return PILLARS[key].name
        case By.URGENCY:
            return URGENCIES[Urgency(key)][0]
        case By.AREA:
            return label_of(key)
        case By.AGE:
            return AGES[key][0]


def _local(moment: datetime) -> datetime:
    """Western Indonesian Time without its zone: spreadsheets know none."""
    return moment.astimezone(_WIB).replace(tzinfo=None, microsecond=0)


def _csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(head)
    for row in rows:
        lines.writerow([_plain(cell) for cell in row])
    # The mark by which spreadsheet programs know UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{_local(cell):%Y-%m-%d %H:%M:%S}"
    return safe(cell) if isinstance(cell, str) else cell


def _xlsx(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    target = io.BytesIO()
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(target, options) as book:
        page = book.add_worksheet()
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        page.write_row(0, 0, head)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    page.write_datetime(number, column, _local(cell), moment)
                elif isinstance(cell, str):
                    # Leaving the sheet as CSV must not make a formula of it either.
                    page.write_string(number, column, safe(cell))
                elif cell is not None:
                    page.write_number(number, column, cell)
    return target.getvalue()
