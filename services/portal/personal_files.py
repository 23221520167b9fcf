"""The file of everything held about a person, as PDF for whoever wants it on paper."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from services.portal import formats
from services.portal.clients.directory import Worker
from services.portal.clients.personal_file import PersonalFile
from services.portal.clients.reference import Reference
from services.portal.letters import plain
from services.portal.personal_words import Part, parts_of

_WIDTH: Final = 170.0
_LABEL: Final = 45.0
_LINE: Final = 5.5


class _Sheets(FPDF):
    """Pages that say on each what they are and that they are personal."""

    def footer(self) -> None:
        """Number and warning at the foot."""
        self.set_y(-15)
        self.set_font("Helvetica", "", 8)
        text = f"Data pribadi: hanya untuk yang bersangkutan. Halaman {self.page_no()}"
        self.cell(_WIDTH, 5, text, align="C")


def personal_file(
    file: PersonalFile, reference: Reference, workers: Mapping[UUID, Worker], at: datetime
) -> bytes:
    """The whole file as PDF; its document title names nobody."""
    page = _Sheets(format="A4")
    page.set_title("Berkas data pribadi")
    page.set_margins(20, 20, 20)
    page.set_auto_page_break(True, 20)
    page.add_page()
    page.set_font("Helvetica", "B", 15)
    _line(page, "Berkas data pribadi", 8)
    page.set_font("Helvetica", "", 9)
    _line(page, f"Dibuat {formats.full_moment(at)} atas permintaan (UU 27/2022 pasal 32).")
    for part in parts_of(file, reference, workers):
        _print(page, part)
    return bytes(page.output())


def _print(page: FPDF, part: Part) -> None:
    page.ln(4)
    page.set_font("Helvetica", "B", 11)
    _line(page, part.heading, 7)
    page.set_font("Helvetica", "", 9)
    for label, value in part.rows or [("-", "tidak ada")]:
        page.cell(_LABEL, _LINE, plain(label))
        page.multi_cell(
            _WIDTH - _LABEL, _LINE, plain(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
        )


def _line(page: FPDF, text: str, height: float = _LINE) -> None:
    page.multi_cell(_WIDTH, height, plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
