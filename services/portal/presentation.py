"""How codes look: an icon and a tone beside the label, which comes from the services.

A code nobody listed here is still shown, with its label and a neutral icon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.portal.clients.cases import Work
from shared.reference.pillars import PILLARS


@dataclass(frozen=True, slots=True)
class Look:
    """An icon and a tone; the word always stands beside them."""

    icon: str
    tone: str
    label: str = ""


PLAIN: Final = Look("circle", "mute")

STATUSES: Final[Mapping[str, Look]] = {
    "sent": Look("send", "info"),
    "accepted": Look("check", "ok"),
    "in_progress": Look("hand-heart", "ok"),
    "on_hold": Look("pause", "warn"),
    "completed": Look("circle-check", "done"),
    "returned": Look("undo-2", "warn"),
    "rerouted": Look("shuffle", "mute"),
    "recalled": Look("undo-2", "mute"),
    "cancelled": Look("ban", "mute"),
    "entered_in_error": Look("file-x", "mute"),
}
URGENCIES: Final[Mapping[str, Look]] = {
    "emergency": Look("siren", "stop"),
    "high": Look("triangle-alert", "warn"),
    "normal": Look("minus", "mute"),
    "low": Look("chevron-down", "mute"),
}
VERBS: Final[Mapping[str, Look]] = {
    "send": Look("send", "info"),
    "see": Look("eye", "mute"),
    "accept": Look("check", "ok"),
    "assign": Look("user-round", "info"),
    "start": Look("play", "ok"),
    "note": Look("message-square", "mute"),
    "hold": Look("pause", "warn"),
    "resume": Look("play", "ok"),
    "complete": Look("circle-check", "done"),
    "return": Look("undo-2", "warn"),
    "resend": Look("send", "info"),
    "reroute": Look("shuffle", "info"),
    "recall": Look("undo-2", "warn"),
    "cancel": Look("ban", "stop"),
    "correct": Look("file-x", "stop"),
}
DELIVERIES: Final[Mapping[str, Look]] = {
    "queued": Look("clock", "mute", "Menunggu dikirim"),
    "sent": Look("send", "info", "Dikirim"),
    "delivered": Look("check", "ok", "Sampai"),
    "opened": Look("eye", "done", "Dibuka"),
    "failed": Look("circle-x", "stop", "Gagal"),
    "uncertain": Look("circle-help", "warn", "Belum pasti"),
}
CHANNELS: Final[Mapping[str, str]] = {
    "in_app": "Aplikasi",
    "app": "Aplikasi",
    "live": "Aplikasi",
    "email": "Surel",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "web_push": "Pemberitahuan HP",
}
DETAILS: Final[Mapping[str, str]] = {"worker_left": "sudah tidak bertugas"}
NOTICES: Final[Mapping[str, str]] = {
    "referral_new": "rujukan baru",
    "referral_accepted": "diterima",
    "referral_taken": "sudah diambil",
    "referral_started": "mulai ditangani",
    "referral_noted": "catatan baru",
    "referral_completed": "selesai",
    "referral_returned": "dikembalikan",
    "referral_resent": "dikirim ulang",
}
"""What a delivered notice was about."""

FLAGS: Final[Mapping[str, str]] = {
    "NO_PILLAR_BROADCAST": "Hanya orang yang disebut namanya yang diberi tahu.",
    "REDACT_IDENTITY": "Identitas disamarkan. Jangan sebut nama di luar tim.",
    "SAFE_CONTACT_ONLY": "Hubungi hanya lewat kontak yang aman.",
    "CONSENT_GUARDIAN_OR_BEST_INTEREST": "Utamakan kepentingan terbaik anak. Wali yang diduga "
    "terlibat tidak ditanya dan tidak diberi tahu.",
    "NO_DIAGNOSIS_IN_EVENT": "Jangan tulis diagnosis.",
    "NO_GROUP_LABEL_IN_NOTIFICATION": "Jangan sebut kelompok orangnya.",
    "NO_MEDIATION": "Jangan dimediasi.",
    "FAMILY_TRACING": "Telusuri keluarganya.",
    "CHECK_DTSEN_DESIL": "Periksa desil DTSEN.",
    "SITE_HEADCOUNT": "Catat jumlah orang di lokasi.",
    "MANUAL_TRIAGE": "Perlu dipilah langsung oleh petugas.",
    "CALL_FIRST_THEN_RECORD": "Telepon dahulu, baru mencatat.",
}
"""Instructions of routing rules that a worker must know; the others bind in the services."""

SHORT_PILLARS: Final[Mapping[str, str]] = {
    "PENSOSMAS": "Pensosmas",
    "PSM": "PSM",
    "TKSK": "TKSK",
    "TAGANA": "Tagana",
}
"""Pillars that everybody knows by another name than their full one."""

SERVICES: Final[Mapping[str, str]] = {
    "AMBULANCE_119": "Ambulans 119",
    "BABINSA_BHABINKAMTIBMAS": "Babinsa dan Bhabinkamtibmas",
    "BPBD_KABKOTA": "BPBD kabupaten/kota",
    "BPJS_KESEHATAN": "BPJS Kesehatan",
    "BNN_KABKOTA": "BNN kabupaten/kota",
    "DESA_GOV": "Pemerintah desa",
    "DINSOS_KABKOTA": "Dinas Sosial kabupaten/kota",
    "DINSOS_PROV": "Dinas Sosial provinsi",
    "DUNIA_USAHA": "Dunia usaha",
    "LKS_LU": "LKS lanjut usia",
    "POLRES": "Polres",
    "POLRES_PPA": "Unit PPA Polres",
    "PUSKESMAS": "Puskesmas",
    "PUSKESOS_SLRT": "Puskesos atau SLRT",
    "RUMAH_SINGGAH": "Rumah singgah",
    "SATPOL_PP": "Satpol PP",
    "SENTRA_KEMENSOS": "Sentra Kemensos",
    "SP4N_LAPOR": "SP4N-LAPOR!",
    "UPT_DINSOS_PROV": "UPT Dinas Sosial provinsi",
    "BAKESBANGPOL": "Bakesbangpol",
    "DISDIK": "Dinas Pendidikan",
    "DISNAKER": "Dinas Tenaga Kerja",
    "DUKCAPIL": "Dukcapil",
    "DAMKAR": "Pemadam kebakaran",
}
"""Outside services whose code is not how people say them."""

ROLES: Final[Mapping[str, str]] = {
    "worker": "Petugas",
    "coordinator": "Koordinator",
    "dinsos": "Dinas Sosial",
    "village_head": "Kepala desa",
    "admin": "Admin",
}
KINDS: Final[Mapping[str, str]] = {
    "person": "Perorangan",
    "family": "Keluarga",
    "group": "Kelompok",
    "community": "Komunitas",
}
SEXES: Final[Mapping[str, str]] = {"F": "Perempuan", "M": "Laki-laki"}
NIK_ABSENT: Final[Mapping[str, str]] = {
    "unknown": "Tidak diketahui",
    "none": "Belum punya NIK",
    "lost": "Dokumen hilang",
    "refused": "Tidak bersedia memberi",
}
CONFIDENTIAL: Final = "C3"
SPECIAL_SERVICE: Final = "Layanan khusus"
"""What stands in for a category that must not be named."""

FIELDS: Final[Mapping[str, str]] = {
    "text": "Isi catatan",
    "note": "Catatan",
    "reason": "Alasan",
    "outcome": "Hasil",
    "service": "Layanan yang diberikan",
    "change": "Apa yang berubah",
    "until": "Sampai kapan",
    "worker_id": "Petugas",
    "target": "Tujuan baru",
}
"""Labels of the fields verbs ask for, where the service gives none."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline and what must have happened by then."""

    by: datetime
    word: str


def next_clock(work: Work) -> Clock | None:
    """The earliest open deadline; met and stopped ones are empty."""
    clocks = (
        Clock(by, word)
        for by, word in (
            (work.reply_by, "Balas"),
            (work.act_by, "Mulai"),
            (work.close_by, "Selesaikan"),
        )
        if by is not None
    )
    return min(clocks, key=lambda clock: clock.by, default=None)


def pillar_name(code: str) -> str:
    """A pillar as its people say it."""
    pillar = PILLARS.get(code)
    return SHORT_PILLARS.get(code) or (pillar.name if pillar else code)


def of_status(code: str) -> Look:
    """The look of a status."""
    return STATUSES.get(code, PLAIN)


def of_urgency(code: str) -> Look:
    """The look of an urgency."""
    return URGENCIES.get(code, PLAIN)


def of_verb(code: str) -> Look:
    """The look of a verb."""
    return VERBS.get(code, PLAIN)


def of_delivery(code: str) -> Look:
    """The look and word of a delivery's status."""
    return DELIVERIES.get(code, Look("circle", "mute", code))
