"""The referral letter to an outside service: one A4 page as PDF."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from services.portal import formats

_LEFT: Final = 25.0
_WIDTH: Final = 160.0
_LABEL: Final = 38.0
_QR_SIDE: Final = 30.0
_LINE: Final = 6.0
_SIGNATURE: Final = 232.0
"""Where the signature begins, counted from the top of the page."""
_PLEA: Final = 30.0
"""What the sentences between need and signature take."""
_LAST_LETTER: Final = 0xFF
_PLAIN: Final = str.maketrans(
    {0x2013: "-", 0x2014: "-", 0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2026: "..."}
)
"""Typographic marks that the page's own font lacks."""


@dataclass(frozen=True, slots=True)
class Words:
    """Everything the letter says, ready to be printed; `category` and `need` may be withheld."""

    number: str
    written_at: datetime
    service: str
    service_address: str
    service_phone: str
    person: str
    place: str
    category: str | None
    need: str | None
    urgency: str
    sender: str
    sender_duty: str
    address: str
    """Of the referral in the portal, for those with access."""


def letter(words: Words) -> bytes:
    """The letter as a PDF of one page."""
    page = FPDF(format="A4")
    page.set_title(f"Surat rujukan {words.number}")
    page.set_margins(_LEFT, 20, 25)
    page.set_auto_page_break(False)
    page.add_page()
    _heading(page, words)
    _receiver(page, words)
    _person(page, words)
    _request(page, words)
    _signature(page, words)
    return bytes(page.output())


def _heading(page: FPDF, words: Words) -> None:
    page.set_font("Helvetica", "B", 11)
    _line(page, "SINERGI", 5)
    page.set_font("Helvetica", "", 9)
    _line(page, "Rujukan antarpilar kesejahteraan sosial", 5)
    page.line(_LEFT, page.get_y() + 2, _LEFT + _WIDTH, page.get_y() + 2)
    page.ln(8)
    page.set_font("Helvetica", "B", 14)
    page.cell(_WIDTH, 8, "SURAT RUJUKAN", align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_font("Helvetica", "", 10)
    page.cell(
        _WIDTH, 6, f"Nomor: {plain(words.number)}", align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT
    )
    page.ln(6)


def _receiver(page: FPDF, words: Words) -> None:
    page.set_font("Helvetica", "", 11)
    _line(page, formats.long_date(words.written_at))
    page.ln(3)
    _line(page, "Kepada Yth.")
    page.set_font("Helvetica", "B", 11)
    _line(page, words.service)
    page.set_font("Helvetica", "", 11)
    for one in (words.service_address, words.service_phone and f"Telepon {words.service_phone}"):
        if one:
            _line(page, one)
    page.ln(5)


def _person(page: FPDF, words: Words) -> None:
    _line(page, "Dengan hormat, bersama surat ini kami merujuk:")
    page.ln(2)
    _fact(page, "Nama", words.person)
    _fact(page, "Wilayah", words.place)
    if words.category:
        _fact(page, "Keperluan", words.category)
    _fact(page, "Urgensi", words.urgency)
    page.ln(3)


def _request(page: FPDF, words: Words) -> None:
    if words.need is None:
        _line(page, "Keterangan lebih lanjut disampaikan langsung oleh petugas pengirim.")
    else:
        _line(page, "Keadaan dan bantuan yang dimohonkan:")
        for one in _lines(page, words.need):
            _line(page, one)
    page.ln(3)
    _line(
        page,
        "Mohon bantuan untuk menangani sesuai kewenangan, dan menyampaikan hasilnya kepada "
        "petugas pengirim. Data dalam surat ini hanya untuk keperluan rujukan (UU 27/2022).",
    )


def _signature(page: FPDF, words: Words) -> None:
    page.set_y(_SIGNATURE)
    _line(page, "Petugas pengirim,")
    page.ln(16)
    page.set_font("Helvetica", "B", 11)
    _line(page, words.sender)
    page.set_font("Helvetica", "", 10)
    _line(page, words.sender_duty)
    _qr(page, words.address, _LEFT + _WIDTH - _QR_SIDE, _SIGNATURE)
    page.set_xy(_LEFT + _WIDTH - 60, _SIGNATURE + _QR_SIDE + 1)
    page.set_font("Helvetica", "", 8)
    page.multi_cell(60, 4, "Pindai untuk membuka rujukan; hanya bagi petugas yang berwenang.",
                    align="R")  # fmt: skip


def _fact(page: FPDF, label: str, value: str) -> None:
    page.cell(_LABEL, 6, label)
    page.cell(4, 6, ":")
    page.multi_cell(
        _WIDTH - _LABEL - 4, 6, plain(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
    )


def _line(page: FPDF, text: str, height: float = _LINE) -> None:
    page.multi_cell(_WIDTH, height, plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def _lines(page: FPDF, text: str) -> list[str]:
    """The text broken into lines, cut off with a mark where the page would not hold it."""
    found = page.multi_cell(_WIDTH, _LINE, plain(text), dry_run=True, output="LINES", align="L")
    assert isinstance(found, list)
    lines = [str(one) for one in found]
    room = int((_SIGNATURE - _PLEA - page.get_y()) / _LINE)
    if len(lines) > room:
        lines = [*lines[: room - 1], "... (lengkapnya di Sinergi)"]
    return lines


def _qr(page: FPDF, address: str, left: float, top: float) -> None:
    matrix = [list(row) for row in segno.make_qr(address, error="m").matrix_iter(border=2)]
    side = _QR_SIDE / len(matrix)
    for row, cells in enumerate(matrix):
        for column, dark in enumerate(cells):
            if dark:
                page.rect(left + column * side, top + row * side, side, side, style="F")


def plain(text: str) -> str:
    """The text in the letters the page's own font has; others lose their marks."""
    spelled = text.translate(_PLAIN)
    if not all(ord(one) <= _LAST_LETTER for one in spelled):
        spelled = unicodedata.normalize("NFKD", spelled)
    return spelled.encode("latin-1", "ignore").decode("latin-1")
