"""What the file of everything held about a person says, part by part and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.portal import formats, presentation, protection_words
from services.portal.clients.directory import Worker
from services.portal.clients.personal_file import (
    FiledCategory,
    FiledFamily,
    FiledGrounds,
    FiledMerge,
    FiledRecord,
    FiledReport,
    FiledRequest,
    FiledService,
    PersonalFile,
)
from services.portal.clients.protection import Trace
from services.portal.clients.reference import Reference
from shared.reference.areas import label_of

Row = tuple[str, str]
_PRECISION: Final[Mapping[str, str]] = {"year": "tahun {}", "age": "kira-kira tahun {}"}
_CONTACT: Final = {True: "aman", False: "tidak aman"}
_CONFIDENTIALITY: Final[Mapping[str, str]] = {
    "C1": "biasa",
    "C2": "terbatas",
    "C3": "layanan khusus",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, and a label with words for each row below it."""

    heading: str
    rows: list[Row]


def parts_of(
    file: PersonalFile, reference: Reference, workers: Mapping[UUID, Worker]
) -> list[Part]:
    """Everything the file holds, in the order of the page."""
    says = _Says(reference, workers)
    first, *others = file.records
    return [
        Part("Data diri", says.record(first)),
        *(Part("Data lain tentang orang yang sama", says.record(one)) for one in others),
        Part("Kategori", [says.category(one) for one in file.categories]),
        Part("Keluarga", [says.family(one) for one in file.families]),
        Part("Dasar pemrosesan", [says.grounds(one) for one in file.legal_bases]),
        Part("Bantuan yang diterima", [says.service(one) for one in file.services_received]),
        Part("Permintaan", [says.request(one) for one in file.requests]),
        Part("Laporan dari sistem lain", [says.report(one) for one in file.reports]),
        Part("Penggabungan data", [says.merge(one) for one in file.merges]),
        Part("Siapa membuka atau mengubah data ini", says.trail(file)),
        Part("Yang tidak ada di sini", [("", file.elsewhere)]),
    ]


@dataclass(frozen=True, slots=True)
class _Says:
    reference: Reference
    workers: Mapping[UUID, Worker]

    def record(self, one: FiledRecord) -> list[Row]:
        born = (
            formats.long_date(one.birth_on)
            if one.birth_on
            else _PRECISION.get(one.birth_precision or "", "{}").format(one.birth_year or "")
        )
        point = "" if one.latitude is None else f"{one.latitude}, {one.longitude}"
        contact = "" if one.safe_contact is None else _CONTACT[one.safe_contact]
        said = [
            ("Nomor data", str(one.id)),
            ("Nama", one.name),
            ("Nama lain", ", ".join(one.aliases)),
            ("Jenis", presentation.KINDS.get(one.kind, one.kind)),
            ("Jenis kelamin", presentation.SEXES.get(one.sex or "", "")),
            ("Lahir", born),
            ("NIK", one.nik or ""),
            ("Alasan NIK kosong", _of(presentation.NIK_ABSENT, one.nik_absent_reason)),
            ("No. KK", one.kk or ""),
            (
                "Kedisabilitasan",
                ", ".join(presentation.DISABILITIES.get(kind, kind) for kind in one.disabilities),
            ),
            ("Jumlah orang", str(one.size or "")),
            ("Tempat", label_of(one.area)),
            ("Alamat", one.address or ""),
            ("Titik lokasi", point),
            ("Telepon", one.phone or ""),
            ("Dihubungi", contact),
            ("Kerahasiaan", _CONFIDENTIALITY.get(one.confidentiality, one.confidentiality)),
            ("Didaftarkan", self._by(one.registered_at, one.registered_by)),
            ("Diubah terakhir", _at(one.changed_at)),
            ("Dibatasi sejak", _at(one.restricted_at)),
            ("Dibaca untuk rujukan", ", ".join(self._who(reader) for reader in one.granted_to)),
        ]
        return [(label, value) for label, value in said if value]

    def category(self, one: FiledCategory) -> Row:
        return _row(
            one.given_at,
            self.reference.label("categories", one.code),
            f"dicatat {self._who(one.given_by)}",
            _day("sejak", one.since),
            _day("sampai", one.until),
            _said("bukti:", one.evidence),
            self._done("diperiksa", one.verified_at, one.verified_by),
            self._done("diakhiri", one.ended_at, one.ended_by),
            _said("alasan:", _of(presentation.END_REASONS, one.end_reason)),
        )

    def family(self, one: FiledFamily) -> Row:
        return _row(
            one.added_at,
            presentation.RELATIONS.get(one.relation, one.relation),
            _day("sejak", one.joined_on),
            _day("sampai", one.left_on),
            f"dicatat {self._who(one.added_by)}",
            f"nomor data keluarga {one.family_id}",
        )

    def report(self, one: FiledReport) -> Row:
        return _row(
            one.received_at, one.source, self._done("diselesaikan", one.settled_at, one.settled_by)
        )

    def grounds(self, one: FiledGrounds) -> Row:
        return _row(
            one.at,
            protection_words.PURPOSES.get(one.purpose, one.purpose),
            self.reference.label("legal_bases", one.basis),
            _said("naskah", one.text_version),
            _said("cara:", _of(dict(protection_words.CHANNELS), one.channel).lower()),
            _said("wali", one.guardian),
            f"dicatat {self._who(one.taken_by)}",
            self._done("ditarik", one.withdrawn_at, one.withdrawn_by),
            _said("berhenti paling lambat", _at(one.stops_at)),
            _said("berakhir", _at(one.stopped_at)),
        )

    def service(self, one: FiledService) -> Row:
        return _row(
            one.at,
            self.reference.label("outcomes", one.outcome),
            one.service or "",
            f"nomor rujukan {one.referral_id}",
        )

    def request(self, one: FiledRequest) -> Row:
        return _row(
            one.received_at,
            protection_words.REQUESTS.get(one.kind, one.kind),
            protection_words.STATES.get(one.state, one.state).lower(),
            _said("keterangan:", one.words),
            f"dicatat {self._who(one.taken_by)}",
            f"tenggat {_at(one.due_at)}",
            _said("diingatkan", _at(one.reminded_at)),
            self._done("dijawab", one.handled_at, one.handled_by),
            _said("ditolak:", _of(protection_words.REFUSALS, one.refusal)),
            _said("jawaban:", one.answer),
        )

    def merge(self, one: FiledMerge) -> Row:
        return _row(
            one.merged_at,
            f"{one.merged_id} digabung ke {one.into_id} oleh {self._who(one.merged_by)}",
            self._done("dipisahkan lagi", one.undone_at, one.undone_by),
        )

    def trail(self, file: PersonalFile) -> list[Row]:
        rows = [
            (_at(one.at), f"{self._actor(one)}: {protection_words.did(one)}") for one in file.trail
        ]
        if file.traces <= len(file.trail):
            return rows
        told = f"{len(file.trail)} catatan terbaru dari {formats.number(file.traces)}"
        return [("Jumlah", f"{told}; yang lebih lama dapat diminta kepada petugas"), *rows]

    def _actor(self, one: Trace) -> str:
        if protection_words.is_ours(one):
            return protection_words.done_by_us(one)
        return self._who(one.actor_id)

    def _by(self, moment: datetime, worker_id: UUID) -> str:
        return f"{_at(moment)}, {self._who(worker_id)}"

    def _done(self, what: str, moment: datetime | None, worker_id: UUID | None) -> str:
        if moment is None:
            return ""
        return f"{what} {_at(moment)}" + (f" oleh {self._who(worker_id)}" if worker_id else "")

    def _who(self, worker_id: UUID) -> str:
        found = self.workers.get(worker_id)
        if found is None:
            return "Petugas"
        pillar = f" ({presentation.pillar_name(found.pillar)})" if found.pillar else ""
        return found.name + pillar


def _row(moment: datetime, *said: str) -> Row:
    return _at(moment), "; ".join(part for part in said if part)


def _at(moment: datetime | None) -> str:
    return "" if moment is None else formats.full_moment(moment)


def _day(word: str, day: date | None) -> str:
    return "" if day is None else f"{word} {formats.long_date(day)}"


def _said(word: str, said: str | None) -> str:
    return f"{word} {said}" if said else ""


def _of(words: Mapping[str, str], code: str | None) -> str:
    return words.get(code, code) if code else ""
