"""Everything a screen needs to name things: made from the tables, so no other place repeats it."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from services.cases.domain.case import PHASE_LABELS
from services.cases.domain.disaster import CATEGORIES as DISASTERS
from services.cases.domain.disaster import SITE_KINDS
from services.cases.domain.flags import FLAGS
from services.cases.domain.labels import AGES, LEGAL_BASES, OUTCOMES, RETURN_REASONS, URGENCIES
from services.cases.domain.referral_status import STATUSES, TRANSITIONS, Verb
from services.cases.domain.services_given import SERVICES_GIVEN
from shared.auth import Actor
from shared.clock import utc_now
from shared.http import requires
from shared.policy import Action
from shared.reference.categories import CATEGORIES
from shared.reference.pillars import PILLARS
from shared.reference.situations import SITUATIONS

router = APIRouter(tags=["reference"])

NEEDS: dict[Verb, list[dict[str, Any]]] = {
    Verb.NOTE: [
        {"field": "text", "kind": "text", "label": "Catatan", "required": True},
        {"field": "attachment_ids", "kind": "files", "label": "Foto atau PDF", "required": False},
    ],
    Verb.COMPLETE: [
        {"field": "outcome", "kind": "choice", "label": "Hasil", "required": True,
         "options": [{"code": code, "label": label} for code, (label, _) in OUTCOMES.items()]},
        {"field": "service", "kind": "choice", "label": "Layanan yang diberikan", "required": False,
         "options": [{"code": code, "label": one} for code, (one, _) in SERVICES_GIVEN.items()]},
        {"field": "note", "kind": "text", "label": "Catatan hasil", "required": False},
    ],
    Verb.RETURN: [
        {"field": "reason", "kind": "choice", "label": "Alasan", "required": True,
         "options": [{"code": code, "label": one} for code, (one, _) in RETURN_REASONS.items()]},
        {"field": "note", "kind": "text", "label": "Keterangan", "required": False},
    ],
    Verb.ASSIGN: [
        {"field": "worker_id", "kind": "worker", "label": "Petugas", "required": True},
        {"field": "note", "kind": "text", "label": "Pesan", "required": False},
    ],
    Verb.HAND_OVER: [
        {"field": "worker_id", "kind": "worker", "label": "Petugas", "required": True},
        {"field": "note", "kind": "text", "label": "Pesan", "required": False},
    ],
    Verb.HOLD: [
        {"field": "reason", "kind": "text", "label": "Alasan menunda", "required": True},
        {"field": "until", "kind": "datetime", "label": "Dilanjutkan pada", "required": True},
    ],
    Verb.REROUTE: [
        {"field": "target", "kind": "target", "label": "Tujuan baru", "required": True},
        {"field": "note", "kind": "text", "label": "Alasan", "required": False},
    ],
    Verb.RECALL: [
        {"field": "reason", "kind": "text", "label": "Alasan menarik", "required": True}
    ],
    Verb.CANCEL: [
        {"field": "reason", "kind": "text", "label": "Alasan membatalkan", "required": True}
    ],
    Verb.CORRECT: [
        {"field": "reason", "kind": "text", "label": "Apa yang salah", "required": True}
    ],
    Verb.RESEND: [
        {"field": "change", "kind": "text", "label": "Apa yang berubah", "required": True}
    ],
}  # fmt: skip


@router.get("/reference")
async def reference(_actor: Actor = requires(Action.REFERENCE_READ)) -> dict[str, Any]:
    """Statuses, verbs, reasons, outcomes, pillars, categories and situations with their labels."""
    return {
        "statuses": [
            {
                "code": code,
                "label": info.label,
                "label_en": info.label_en,
                "final": info.final,
                "gravity": info.gravity,
                "bser": info.bser,
            }
            for code, info in STATUSES.items()
        ],
        "verbs": [
            {
                "code": verb,
                "label": row.label,
                "label_en": row.label_en,
                "from": sorted(row.origins),
                "to": row.to,
                "actors": sorted(row.actors),
                "clocks": row.clocks,
                "event": row.event.wire_type(),
                "needs": NEEDS.get(verb, []),
            }
            for verb, row in TRANSITIONS.items()
        ],
        "return_reasons": _named(RETURN_REASONS),
        "outcomes": _named(OUTCOMES),
        "services_given": _named(SERVICES_GIVEN),
        "phases": _named(PHASE_LABELS),
        "urgencies": _named(URGENCIES),
        "ages": _named(AGES),
        "legal_bases": _named(LEGAL_BASES),
        "categories": [
            {
                "code": one.code,
                "number": one.number,
                "name": one.name,
                "sensitivity": one.sensitivity,
                "unit": one.unit,
                "valid": one.holds_on(utc_now().date()),
            }
            for one in CATEGORIES.values()
        ],
        "situations": [{"code": one.code, "name": one.name} for one in SITUATIONS.values()],
        "pillars": [
            {"code": one.code, "name": one.name, "level": one.level, "core": one.is_core}
            for one in PILLARS.values()
        ],
        "flags": _listed({code: info.advice for code, info in FLAGS.items()}),
        "disaster_situations": _listed({code: SITUATIONS[code].name for code in DISASTERS}),
        "site_kinds": _listed({kind: label for kind, (label, _) in SITE_KINDS.items()}),
    }


def _named(labels: Mapping[Any, tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {"code": code, "label": label, "label_en": english}
        for code, (label, english) in labels.items()
    ]


def _listed(labels: Any) -> list[dict[str, str]]:
    return [{"code": code, "label": label} for code, label in labels.items()]
