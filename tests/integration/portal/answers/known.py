"""Who and what every service knows, and moments as they write them."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

Answers: TypeAlias = dict[str, tuple[int, Any]]
"""What is answered, with its status, by `METHOD /service/path`."""

ME = "0190a000-0000-7000-8000-000000000001"
BUDI = "0190a000-0000-7000-8000-000000000002"
SARI = "0190a000-0000-7000-8000-000000000003"
PERSON = "0190b000-0000-7000-8000-000000000001"
OTHER = "0190b000-0000-7000-8000-000000000012"
REPORT = "0190b000-0000-7000-8000-000000000013"
"""A record that looks like hers."""
REFERRAL = "0190c000-0000-7000-8000-000000000001"
SENT = "0190c000-0000-7000-8000-000000000009"
NOTICE = "0190d000-0000-7000-8000-000000000001"
SESSION = "a-session-token-of-forty-characters-xxxx"
VILLAGE = "35.08.03.2005"


def in_hours(hours: float) -> str:
    """A moment from now, as the services write it."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
