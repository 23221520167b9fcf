"""How codes of referrals are called, in Indonesian and in English; no other place repeats it."""

from collections.abc import Mapping
from typing import Final

from shared.contracts.codes import LegalBasis, Outcome, ReturnReason, Urgency

RETURN_REASONS: Final[Mapping[ReturnReason, tuple[str, str]]] = {
    ReturnReason.CAPACITY: ("Sedang penuh", "No capacity"),
    ReturnReason.OUT_OF_AREA: ("Di luar wilayah tugas", "Outside the area of duty"),
    ReturnReason.NOT_ELIGIBLE: ("Tidak memenuhi syarat", "Not eligible"),
    ReturnReason.MISSING_INFORMATION: ("Keterangan kurang", "Information is missing"),
    ReturnReason.WRONG_PILLAR: ("Bukan tugas pilar ini", "Not the task of this pillar"),
    ReturnReason.SAFETY: ("Alasan keselamatan", "For safety"),
    ReturnReason.DUPLICATE: ("Sudah ditangani di rujukan lain", "Handled in another referral"),
    ReturnReason.OTHER: ("Lainnya", "Other"),
}
OUTCOMES: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.NEED_MET: ("Kebutuhan terpenuhi", "Need met"),
    Outcome.PARTLY_MET: ("Terpenuhi sebagian", "Partly met"),
    Outcome.NO_SHOW: ("Tidak hadir", "Did not come"),
    Outcome.REFUSED: ("Menolak bantuan", "Declined help"),
    Outcome.MOVED: ("Pindah", "Moved away"),
    Outcome.DIED: ("Meninggal dunia", "Died"),
    Outcome.REUNITED: ("Kembali ke keluarga", "Reunited with family"),
    Outcome.REFERRED_OUT: ("Dirujuk ke layanan luar", "Referred to an outside service"),
    Outcome.DUPLICATE: ("Rujukan ganda", "Duplicate referral"),
    Outcome.NOT_FOUND: ("Tidak ditemukan", "Not found"),
    Outcome.NOT_ELIGIBLE: ("Tidak memenuhi syarat", "Not eligible"),
}
URGENCIES: Final[Mapping[Urgency, tuple[str, str]]] = {
    Urgency.EMERGENCY: ("Darurat", "Emergency"),
    Urgency.HIGH: ("Segera", "High"),
    Urgency.NORMAL: ("Biasa", "Normal"),
    Urgency.LOW: ("Rendah", "Low"),
}
LEGAL_BASES: Final[Mapping[LegalBasis, tuple[str, str]]] = {
    LegalBasis.CONSENT: (
        "Persetujuan yang bersangkutan atau wali",
        "Consent of the person or the guardian",
    ),
    LegalBasis.CONTRACT: ("Perjanjian", "Contract"),
    LegalBasis.LEGAL_OBLIGATION: ("Kewajiban hukum", "Legal obligation"),
    LegalBasis.VITAL_INTEREST: ("Menyelamatkan jiwa", "Vital interest"),
    LegalBasis.PUBLIC_TASK: ("Tugas pelayanan publik", "Public task"),
    LegalBasis.LEGITIMATE_INTEREST: ("Kepentingan yang sah", "Legitimate interest"),
}
AGES: Final[Mapping[str, tuple[str, str]]] = {
    "under_1_day": ("Hari ini", "Today"),
    "1_to_3_days": ("1 sampai 2 hari", "1 to 2 days"),
    "3_to_7_days": ("3 sampai 6 hari", "3 to 6 days"),
    "7_to_30_days": ("7 sampai 29 hari", "7 to 29 days"),
    "over_30_days": ("30 hari atau lebih", "30 days or more"),
}
"""How many days ago a referral was sent, as boards tell it apart."""
