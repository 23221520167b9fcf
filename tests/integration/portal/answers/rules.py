"""What cases answers about routing rules."""

from typing import Any

from tests.integration.portal.answers.known import REFERRAL, Answers, in_hours


def rule(**changes: Any) -> dict[str, Any]:
    """A routing rule as cases shows it."""
    one = {
        "id": "R026",
        "version": 1,
        "area": None,
        "priority": 41,
        "category": "GLD",
        "situation": "HOMELESS",
        "condition": "",
        "pillar": "TKSK",
        "supporting": ["TAGANA", "PSM"],
        "external_services": ["DINSOS_KABKOTA", "PUSKESMAS"],
        "urgency": "high",
        "confidentiality": "C1",
        "reply_minutes": 120,
        "act_hours": 24,
        "close_days": 7,
        "working": False,
        "flags": ["FAMILY_TRACING"],
        "rationale": "Penjangkauan dahulu.",
        "retired": False,
        "author_id": None,
        "valid_from": in_hours(-1000),
        "valid_to": None,
        **changes,
    }
    return {**one, "versions": [dict(one)]}


def dry_run(**changes: Any) -> dict[str, Any]:
    """What a changed rule would have done."""
    course = {name: rule()[name] for name in (
        "pillar", "urgency", "confidentiality", "reply_minutes", "act_hours", "close_days",
        "working",
    )}  # fmt: skip
    found = {
        "referral_id": REFERRAL,
        "case_number": "RJ-35.08-2026-000123",
        "category": "GLD",
        "situation": "HOMELESS",
        "before": course,
        "after": {**course, "pillar": "PSM"},
    }
    secret = dict.fromkeys(("referral_id", "case_number", "category", "situation"))
    return {
        "area": "35.08",
        "examined": 1200,
        "is_whole": True,
        "differing": 340,
        "elsewhere": 338,
        "pillars": [
            {"pillar": "PSM", "before": 700, "after": 1038},
            {"pillar": "TKSK", "before": 500, "after": 162},
        ],
        "items": [found, {**found, **secret}],
        **changes,
    }


def on_a_quiet_day() -> Answers:
    """One rule is in force."""
    return {
        "GET /cases/rules": (200, {"area": "35.08", "items": [rule()], "next": None}),
        "GET /cases/rules/R026": (200, rule()),
        "PUT /cases/rules/R026": (200, rule(version=2, area="35.08")),
        "POST /cases/rules/dry-run": (200, dry_run()),
    }
