"""How codes look: an icon and a tone beside the label, which comes from the services.

A code nobody listed here is still shown, with its label and a neutral icon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.portal.clients.cases import Leg, Referral, Step, Work
from services.portal.clients.reference import Reference
from shared.reference.outside_services import OUTSIDE_KINDS
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
ESCALATIONS: Final[Mapping[int, str]] = {
    1: "Di koordinator",
    2: "Di Dinas Sosial",
    3: "Dialihkan otomatis",
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
    "remind": Look("bell", "warn"),
    "escalate": Look("triangle-alert", "warn"),
    "break_glass": Look("shield", "stop"),
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
    "families_new": "keluarga baru di lokasi bencana",
    "referral_accepted": "diterima",
    "referral_taken": "sudah diambil",
    "referral_started": "mulai ditangani",
    "referral_noted": "catatan baru",
    "referral_completed": "selesai",
    "referral_returned": "dikembalikan",
    "referral_resent": "dikirim ulang",
    "referral_assigned": "ditugaskan",
    "referral_taken_over": "diserahkan ke rekan",
    "referral_held": "ditunda",
    "referral_resumed": "dilanjutkan",
    "referral_rerouted": "dialihkan",
    "referral_recalled": "ditarik kembali",
    "referral_cancelled": "dibatalkan",
    "referral_corrected": "salah entri",
    "referral_reminded": "pengingat",
    "referral_escalated": "lewat tenggat",
}
"""What a delivered notice was about."""

SHORT_PILLARS: Final[Mapping[str, str]] = {
    "PENSOSMAS": "Pensosmas",
    "PSM": "PSM",
    "TKSK": "TKSK",
    "TAGANA": "Tagana",
}
"""Pillars that everybody knows by another name than their full one."""

SERVICES: Final = {code: kind.name for code, kind in OUTSIDE_KINDS.items()}
"""Kinds of outside services as people say them."""

ROLES: Final[Mapping[str, str]] = {
    "worker": "Petugas",
    "coordinator": "Koordinator",
    "dinsos": "Dinas Sosial",
    "village_head": "Kepala desa",
    "admin": "Admin",
    "data_protection": "Pelindungan data pribadi",
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
RELATIONS: Final[Mapping[str, str]] = {
    "head": "Kepala keluarga",
    "husband": "Suami",
    "wife": "Istri",
    "child": "Anak",
    "child_in_law": "Menantu",
    "grandchild": "Cucu",
    "parent": "Orang tua",
    "parent_in_law": "Mertua",
    "relative": "Famili lain",
    "other": "Lainnya",
}
DISABILITIES: Final[Mapping[str, str]] = {
    "physical": "Disabilitas fisik",
    "intellectual": "Disabilitas intelektual",
    "mental": "Disabilitas mental",
    "sensory": "Disabilitas sensorik",
}
END_REASONS: Final[Mapping[str, str]] = {
    "no_longer": "Tidak lagi memenuhi kriteria",
    "other_category": "Pindah ke kategori lain",
    "moved": "Pindah wilayah",
    "died": "Meninggal dunia",
    "mistaken": "Salah catat",
}
CONFIDENTIAL: Final = "C3"
SPECIAL_SERVICE: Final = "Layanan khusus"
"""What stands in for a category that must not be named."""
CLOSED_TO_READER: Final = "Isinya tidak terbuka untuk Anda"
"""What stands in for the words of a referral of which the reader sees only where it stands."""


DEADLINES: Final[Mapping[str, str]] = {
    "reply": "Dibalas",
    "act": "Mulai ditangani",
    "close": "Selesai",
}
"""What must have happened by each deadline of a referral."""


_CLOCK: Final = "clock"
"""Among those who may do a verb: a deadline that passed."""


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


def clocks_of(one: Work | Leg) -> list[tuple[datetime, str]]:
    """The open deadlines and what must have happened by each."""
    clocks = ((getattr(one, f"{name}_by"), word) for name, word in DEADLINES.items())
    return [(by, word) for by, word in clocks if by is not None]


def said_in(step: Step, reference: Reference) -> list[tuple[str, str]]:
    """What a step of the history gives beside its note: (label, words), as its verb calls them."""
    verb = reference.verb(step.verb)
    asked = {need.field: need for need in verb.needs if need.kind == "choice"} if verb else {}
    said = [
        (need.label, need.word(code))
        for field, need in asked.items()
        if (code := getattr(step, field, None))
    ]
    if step.service and "service" not in asked:
        said.append(("Layanan", step.service))
    if step.reason and step.reason in DEADLINES and "reason" not in asked:
        said.append(("Batas waktu", DEADLINES[step.reason]))
    return said


def is_automatic(step: Step, referral: Referral, reference: Reference) -> bool:
    """Whether a deadline took this step; where the sender is hidden, nobody can tell."""
    verb = reference.verb(step.verb)
    by_clock = verb is not None and _CLOCK in verb.actors
    return step.actor_id is None and referral.sender_id is not None and by_clock


def pillar_name(code: str) -> str:
    """A pillar as its people say it."""
    pillar = PILLARS.get(code)
    return SHORT_PILLARS.get(code) or (pillar.name if pillar else code)


def outside_kind(code: str) -> str:
    """A kind of outside service in words."""
    return SERVICES.get(code) or code.replace("_", " ")


def role_name(code: str) -> str:
    """A role in words."""
    return ROLES.get(code, code)


def of_status(code: str) -> Look:
    """The look of a status."""
    return STATUSES.get(code, PLAIN)


def of_urgency(code: str) -> Look:
    """The look of an urgency."""
    return URGENCIES.get(code, PLAIN)


def of_verb(code: str) -> Look:
    """The look of a verb."""
    return VERBS.get(code, PLAIN)


def of_escalation(level: int) -> str:
    """To whom a missed deadline went, in words."""
    return ESCALATIONS.get(level, "Dieskalasi")


def of_delivery(code: str) -> Look:
    """The look and word of a delivery's status."""
    return DELIVERIES.get(code, Look("circle", "mute", code))
