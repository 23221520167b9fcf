"""What cases answers about referrals."""

from typing import Any

from shared.contracts.codes import ReferralStatus
from shared.reference.categories import CATEGORIES
from shared.reference.pillars import PILLARS
from shared.reference.situations import SITUATIONS
from tests.integration.portal.answers.known import (
    BUDI,
    ME,
    PERSON,
    REFERRAL,
    SARI,
    SENT,
    VILLAGE,
    Answers,
    in_hours,
)

VERBS = ("see", "accept", "note", "return", "complete", "hold", "resume", "assign", "reroute")

LABELS = {
    "sent": "Terkirim",
    "accepted": "Diterima",
    "in_progress": "Ditangani",
    "on_hold": "Ditunda",
    "completed": "Selesai",
    "returned": "Dikembalikan",
    "rerouted": "Dialihkan",
    "recalled": "Ditarik",
    "cancelled": "Dibatalkan",
    "entered_in_error": "Salah entri",
}
REASONS = [{"code": "capacity", "label": "Sedang penuh"}, {"code": "other", "label": "Lainnya"}]
OUTCOMES = [
    {"code": "need_met", "label": "Kebutuhan terpenuhi"},
    {"code": "no_show", "label": "Tidak hadir"},
]


def reference() -> dict[str, Any]:
    """What cases says of its codes."""

    def verb(code: str, label: str, *needs: dict[str, Any]) -> dict[str, Any]:
        return {"code": code, "label": label, "needs": list(needs)}

    def text(name: str, label: str, *, required: bool) -> dict[str, Any]:
        return {"field": name, "kind": "text", "label": label, "required": required}

    def choice(name: str, label: str, options: list[dict[str, str]]) -> dict[str, Any]:
        shared = {"field": name, "kind": "choice", "label": label, "required": True}
        return {**shared, "options": options}

    return {
        "statuses": [
            {"code": one, "label": LABELS[one], "final": one == "completed"}
            for one in ReferralStatus
        ],
        "verbs": [
            verb("send", "Kirim"),
            verb("see", "Buka"),
            verb("accept", "Terima"),
            verb("start", "Mulai tangani"),
            verb("note", "Tambah catatan", text("text", "Catatan", required=True)),
            verb("complete", "Selesaikan", choice("outcome", "Hasil", OUTCOMES),
                 text("note", "Catatan hasil", required=False)),
            verb("return", "Kembalikan", choice("reason", "Alasan", REASONS),
                 text("note", "Keterangan", required=False)),
            verb("assign", "Tugaskan",
                 {"field": "worker_id", "kind": "worker", "label": "Petugas", "required": True}),
            verb("hold", "Tunda", text("reason", "Alasan", required=True),
                 {"field": "until", "kind": "datetime", "label": "Sampai", "required": True}),
            verb("resume", "Lanjutkan"),
            verb("reroute", "Alihkan",
                 {"field": "target", "kind": "target", "label": "Tujuan baru", "required": True},
                 text("note", "Keterangan", required=False)),
        ],
        "return_reasons": REASONS,
        "outcomes": OUTCOMES,
        "urgencies": [
            {"code": "emergency", "label": "Darurat"},
            {"code": "high", "label": "Segera"},
            {"code": "normal", "label": "Biasa"},
            {"code": "low", "label": "Rendah"},
        ],
        "legal_bases": [
            {"code": "consent", "label": "Persetujuan yang bersangkutan atau wali"},
            {"code": "vital_interest", "label": "Menyelamatkan jiwa"},
            {"code": "public_task", "label": "Tugas pelayanan publik"},
        ],
        "categories": [
            {"code": one.code, "name": one.name, "number": one.number,
             "sensitivity": one.sensitivity}
            for one in CATEGORIES.values()
        ],
        "situations": [{"code": one.code, "name": one.name} for one in SITUATIONS.values()],
        "flags": [{"code": "FAMILY_TRACING", "label": "Telusuri keluarganya."}],
        "pillars": [{"code": one.code, "name": one.name} for one in PILLARS.values()],
    }  # fmt: skip


def work(referral_id: str = REFERRAL, status: str = "sent", **changes: Any) -> dict[str, Any]:
    """A row of a worklist."""
    return {
        "referral_id": referral_id,
        "case_id": referral_id,
        "case_number": "RJ-35.08-2026-000123",
        "beneficiary_id": PERSON,
        "status": status,
        "version": 1,
        "pillar": "TKSK",
        "area": "35.08.03",
        "category": "LUT",
        "situation": "NEGLECT",
        "urgency": "high",
        "confidentiality": "C1",
        "worker_id": None,
        "holder_id": None,
        "sender_id": SARI,
        "reply_by": in_hours(2),
        "act_by": in_hours(24),
        "close_by": in_hours(240),
        "due_at": in_hours(2),
        "sent_at": in_hours(-1),
        "seen_at": None,
        "overdue": False,
        "escalation_level": 0,
        **changes,
    }


def referral(status: str = "sent", **changes: Any) -> dict[str, Any]:
    """One referral in full."""
    row = work(status=status)
    del row["referral_id"], row["case_id"], row["case_number"]
    return {
        **row,
        "id": REFERRAL,
        "case": {"id": REFERRAL, "number": "RJ-35.08-2026-000123"},
        "need": "Mbah Sumi tinggal sendiri, dua hari belum makan.",
        "legal_basis": "vital_interest",
        "reasons": ["Lanjut usia telantar tanpa keluarga ditangani TKSK kecamatan."],
        "flags": ["SAFE_CONTACT_ONLY"],
        "advice": ["Hubungi hanya lewat kontak yang aman."],
        "allowed": ["accept", "return"],
        "history": [
            {
                "version": 1,
                "verb": "send",
                "status": "sent",
                "at": in_hours(-1),
                "occurred_at": in_hours(-2),
                "actor_id": SARI,
                "acting_as": {"pillar": "PSM", "area": VILLAGE},
                "note": None,
                "reason": None,
                "outcome": None,
                "service": None,
            }
        ],
        **changes,
    }


def candidate(worker_id: str, **changes: Any) -> dict[str, Any]:
    """Somebody who could take a referral, as cases ranks them."""
    where = {"pillar": "TKSK", "area": "35.08.03", "absent": False, "open_load": 3}
    why = ["Bertugas di Kec. Candipuro, tepat di wilayah rujukan.", "Sedang memegang 3 rujukan."]
    return {"worker_id": worker_id, **where, "holds_it": False, "reasons": why, **changes}


def plan(**changes: Any) -> dict[str, Any]:
    """What sending would do."""
    leg = {
        "role": "primary",
        "pillar": "TKSK",
        "area": "35.08.03",
        "worker_id": None,
        "people": [
            {"worker_id": BUDI, "pillar": "TKSK", "area": "35.08.03", "absent": False},
            {"worker_id": SARI, "pillar": "TKSK", "area": "35.08.03", "absent": True},
        ],
        "urgency": "high",
        "confidentiality": "C1",
        "reply_by": in_hours(4),
        "act_by": in_hours(24),
        "close_by": in_hours(240),
        "reasons": ["Lanjut usia telantar ditangani TKSK kecamatan."],
        "flags": [],
    }
    return {
        "rule_id": "R021",
        "legs": [leg, {**leg, "role": "supporting", "pillar": "PSM", "area": VILLAGE}],
        "external_services": ["PUSKESMAS"],
        "advice": ["Jangan dimediasi."],
        "warnings": [],
        "lowers_urgency": False,
        **changes,
    }


def on_a_quiet_day() -> Answers:
    """One referral waits, and one was sent."""
    sent = {"case": {"id": SENT, "number": "RJ"}, "referrals": [referral()], "warnings": []}
    this = f"/cases/referrals/{REFERRAL}"
    return {
        "GET /cases/reference": (200, reference()),
        "GET /cases/worklist": (200, {"items": [work()], "next": None}),
        "GET /cases/referrals": (200, {"items": [work(SENT, sender_id=ME)], "next": None}),
        "POST /cases/referrals": (201, sent),
        "POST /cases/referrals/plan": (200, plan()),
        f"GET {this}": (200, referral()),
        f"GET {this}/candidates": (200, {"items": [candidate(BUDI)]}),
        **{f"POST {this}/{verb}": (200, referral("accepted")) for verb in VERBS},
    }
