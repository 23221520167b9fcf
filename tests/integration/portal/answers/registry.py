"""What registry answers about people."""

from typing import Any

from tests.integration.portal.answers.known import OTHER, PERSON, REPORT, VILLAGE, Answers

REPORTED = "Tinggal sendiri, tidak ada yang merawat."


def person(**changes: Any) -> dict[str, Any]:
    """One record of the registry."""
    return {
        "id": PERSON,
        "version": 1,
        "kind": "person",
        "name": "Sumi Astuti",
        "sex": "F",
        "birth": {"precision": "age", "date": None, "year": 1948, "age": 78},
        "nik": "3508********0001",
        "area": VILLAGE,
        "address": "RT 3 RW 1, sebelah musala",
        "phone": "0812 0000 0001",
        "safe_contact": True,
        "categories": ["LUT"],
        "confidentiality": "C1",
        "services_received": [],
        **changes,
    }


def report(**changes: Any) -> dict[str, Any]:
    """What another system told, still open."""
    return {
        "id": REPORT,
        "source": "Puskesmas Candipuro",
        "area": VILLAGE,
        "state": "open",
        "received_at": "2026-11-20T03:00:00Z",
        "said": {
            "kind": "person", "name": "Sumi Astuti", "area": VILLAGE, "sex": "F",
            "birth": {"date": None, "year": None, "age": 78}, "nik": "3508034101480009",
            "phone": "0812 0000 0001", "categories": ["LUT"], "words": REPORTED,
        },
        "candidates": [],
        **changes,
    }  # fmt: skip


def on_a_quiet_day() -> Answers:
    """One person is registered, and a record that looks like hers."""
    summary = {key: person()[key] for key in ("id", "name", "kind", "sex", "area", "categories")}
    lookalike = {"id": OTHER, "score": 0.9, "reasons": ["nama sama", "satu desa"]}
    hers = f"/registry/beneficiaries/{PERSON}"
    return {
        "GET /registry/beneficiaries": (200, {"items": [summary], "next": None}),
        "POST /registry/beneficiaries/search": (200, {"items": [summary], "next": None}),
        "POST /registry/beneficiaries": (201, {"id": PERSON, "warnings": []}),
        "POST /registry/beneficiaries/lookup": (200, {"items": [summary]}),
        "POST /registry/beneficiaries/search-nik": (200, summary),
        "GET /registry/reports": (200, {"items": [], "next": None}),
        f"GET /registry/reports/{REPORT}": (200, report()),
        f"GET {hers}": (200, person()),
        f"PATCH {hers}": (200, person()),
        f"PUT {hers}/nik": (200, person(version=2)),
        f"GET {hers}/lookalikes": (200, {"items": [lookalike]}),
        f"GET {hers}/families": (200, {"items": []}),
        f"GET {hers}/members": (200, {"items": []}),
        f"GET {hers}/categories": (200, {"items": []}),
        f"GET /registry/beneficiaries/{OTHER}": (200, {**person(), "id": OTHER}),
    }
