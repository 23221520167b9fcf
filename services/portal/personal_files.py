"""The file of everything held about a person, as PDF for whoever wants it on paper."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from services.portal import formats, presentation, protection_words
from services.portal.clients.directory import Worker
from services.portal.clients.protection import PersonalFile
from services.portal.clients.reference import Reference
from services.portal.letters import plain
from shared.reference.areas import label_of

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
    _record(page, file)
    _part(page, "Kategori", [
        (
            formats.long_date(one.given_at),
            reference.label("categories", one.code)
            + (f", sampai {formats.long_date(one.ended_at)}" if one.ended_at else "")
            + (f". Bukti: {one.evidence}" if one.evidence else ""),
        )
        for one in file.categories
    ])  # fmt: skip
    _part(page, "Keluarga", [
        (
            formats.long_date(one.joined_on) if one.joined_on else "",
            presentation.RELATIONS.get(one.relation, one.relation)
            + (f", sampai {formats.long_date(one.left_on)}" if one.left_on else ""),
        )
        for one in file.families
    ])  # fmt: skip
    _part(page, "Dasar pemrosesan", [
        (
            formats.long_date(one.at),
            f"{protection_words.PURPOSES.get(one.purpose, one.purpose)}: "
            + reference.label("legal_bases", one.basis)
            + (f", wali {one.guardian}" if one.guardian else "")
            + (f", ditarik {formats.long_date(one.withdrawn_at)}" if one.withdrawn_at else ""),
        )
        for one in file.legal_bases
    ])  # fmt: skip
    _part(page, "Bantuan yang diterima", [
        (
            formats.long_date(one.at),
            reference.label("outcomes", one.outcome) + (f": {one.service}" if one.service else ""),
        )
        for one in file.services_received
    ])  # fmt: skip
    _part(page, "Permintaan", [
        (
            formats.long_date(one.received_at),
            f"{protection_words.REQUESTS.get(one.kind, one.kind)}, "
            + protection_words.STATES.get(one.state, one.state).lower(),
        )
        for one in file.requests
    ])  # fmt: skip
    _part(page, "Siapa membuka atau mengubah data ini", [
        (
            formats.full_moment(one.at),
            f"{_who(one.actor_id, workers)}: {protection_words.did(one)}"
            if not protection_words.is_ours(one)
            else f"{protection_words.done_by_us(one)}: {protection_words.did(one)}",
        )
        for one in file.trail
    ])  # fmt: skip
    return bytes(page.output())


def _record(page: FPDF, file: PersonalFile) -> None:
    one = file.record
    born = formats.long_date(one.birth_on) if one.birth_on else str(one.birth_year or "")
    _part(page, "Data diri", [
        (label, value)
        for label, value in (
            ("Nama", one.name),
            ("Jenis", presentation.KINDS.get(one.kind, one.kind)),
            ("Jenis kelamin", presentation.SEXES.get(one.sex or "", "")),
            ("Lahir", born),
            ("NIK", one.nik or ""),
            ("No. KK", one.kk or ""),
            ("Nama lain", ", ".join(one.aliases)),
            (
                "Kedisabilitasan",
                ", ".join(presentation.DISABILITIES.get(kind, kind) for kind in one.disabilities),
            ),
            ("Tempat", label_of(one.area)),
            ("Alamat", one.address or ""),
            ("Telepon", one.phone or ""),
            ("Didaftarkan", formats.full_moment(one.registered_at)),
            ("Diubah terakhir", formats.full_moment(one.changed_at)),
        )
        if value
    ])  # fmt: skip


def _part(page: FPDF, heading: str, rows: list[tuple[str, str]]) -> None:
    page.ln(4)
    page.set_font("Helvetica", "B", 11)
    _line(page, heading, 7)
    page.set_font("Helvetica", "", 9)
    for label, value in rows or [("-", "tidak ada")]:
        page.cell(_LABEL, _LINE, plain(label))
        page.multi_cell(
            _WIDTH - _LABEL, _LINE, plain(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
        )


def _line(page: FPDF, text: str, height: float = _LINE) -> None:
    page.multi_cell(_WIDTH, height, plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def _who(worker_id: UUID, workers: Mapping[UUID, Worker]) -> str:
    found = workers.get(worker_id)
    if found is None:
        return "Petugas"
    pillar = f" ({presentation.pillar_name(found.pillar)})" if found.pillar else ""
    return found.name + pillar
