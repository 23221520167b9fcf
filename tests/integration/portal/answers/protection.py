"""What registry answers about how it protects what it holds."""

from typing import Any

from tests.integration.portal.answers.known import (
    PERSON,
    REFERRAL,
    SARI,
    SENT,
    VILLAGE,
    Answers,
    in_hours,
)


def asked(**changes: Any) -> dict[str, Any]:
    """A request that waits for the officer."""
    return {
        "id": SENT,
        "kind": "access",
        "state": "open",
        "beneficiary_id": PERSON,
        "name": "Siti Aminah",
        "area": VILLAGE,
        "received_at": in_hours(-60),
        "due_at": in_hours(12),
        "words": "Minta salinan.",
        "taken_by": SARI,
        **changes,
    }


def protection(**changes: Any) -> dict[str, Any]:
    """How the data of the person is protected."""
    agreed = {
        "id": SENT,
        "purpose": "service",
        "basis": "consent",
        "text_version": "2026-1",
        "at": in_hours(-500),
        "taken_by": SARI,
        "guardian": None,
    }
    return {
        "id": PERSON,
        "name": "Siti Aminah",
        "area": VILLAGE,
        "confidentiality": "C1",
        "retain_until": "2031-11-28",
        "grounds": [agreed],
        "requests": [asked()],
        **changes,
    }


def trace(**changes: Any) -> dict[str, Any]:
    """Somebody opened the record."""
    return {
        "id": 7,
        "at": in_hours(-2),
        "actor_id": SARI,
        "actor_kind": "worker",
        "action": "beneficiary.read",
        "detail": None,
        **changes,
    }


def chain(**changes: Any) -> dict[str, Any]:
    """What checking the audit trail found."""
    return {"rows": 1200, "position": 1200, "broken_at": None, "is_whole": True, **changes}


def personal_file(**changes: Any) -> dict[str, Any]:
    """Everything held about the person."""
    record = {
        "id": PERSON,
        "name": "Siti Aminah",
        "kind": "person",
        "sex": "F",
        "birth_on": "1954-03-12",
        "birth_year": 1954,
        "nik": "3508035203540001",
        "area": VILLAGE,
        "address": "RT 3 RW 1",
        "confidentiality": "C1",
        "registered_by": SARI,
        "registered_at": in_hours(-900),
        "changed_at": in_hours(-800),
    }
    given = {"code": "LUT", "given_at": in_hours(-900), "given_by": SARI}
    received = {"referral_id": REFERRAL, "outcome": "need_met", "at": in_hours(-90)}
    return {
        "records": [record],
        "categories": [given],
        "legal_bases": protection()["grounds"],
        "services_received": [received],
        "requests": [asked()],
        "trail": [trace(), trace(actor_kind="service", action="protection.restricted")],
        "traces": 2,
        "elsewhere": "Isi kasus disimpan terpisah.",
        **changes,
    }


def on_a_quiet_day() -> Answers:
    """She agreed, and asked for a copy of her data."""
    hers = f"/registry/beneficiaries/{PERSON}"
    return {
        f"GET {hers}/protection": (200, protection()),
        f"POST {hers}/legal-bases": (201, {"id": SENT, "warnings": []}),
        f"POST {hers}/legal-bases/{SENT}/withdraw": (201, {"id": SENT}),
        f"POST {hers}/requests": (201, {"id": SENT, "warnings": []}),
        f"GET {hers}/file": (200, personal_file()),
        "GET /registry/requests": (200, {"items": [asked()], "next": None}),
        f"POST /registry/requests/{SENT}/handle": (200, {"id": SENT, "state": "done"}),
        "POST /registry/requests/breaches": (201, {"id": SENT, "warnings": []}),
        "GET /registry/audit": (200, {"items": [trace()], "next": None}),
        "GET /registry/audit/chain": (200, chain()),
    }
