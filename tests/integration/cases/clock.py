"""Time that passes for referrals: their moments move back, as seen from the database's clock."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from services.cases.sweeper import sweeper
from shared.database import Database
from tests.integration.cases.conftest import Owner

_MOMENTS = (
    "sent_at", "seen_at", "replied_at", "reply_by", "act_by", "close_by", "paused_at",
    "hold_until", "rung_until", "due_at", "alarm_at",
)  # fmt: skip


async def passes(owner: Owner, span: timedelta) -> None:
    """Let this much time pass for every referral; a negative span turns the clock back."""
    changes = ", ".join(f"{name} = {name} - $1::interval" for name in _MOMENTS)
    await owner.execute(f"update referrals set {changes}", span)  # noqa: S608 - our own names


async def sweep(worker_db: Database) -> None:
    """One round of the sweeper."""
    await sweeper(worker_db).go()


async def said(owner: Owner, referral_id: UUID | str) -> list[tuple[str, dict[str, Any]]]:
    """What cases said of a referral so far: the last word of each event's type, and its data."""
    rows = await owner.fetch(
        "select type, data from event_log where subject = $1 order by version",
        UUID(str(referral_id)),
    )
    return [(_short(row["type"]), orjson.loads(row["data"])["data"]) for row in rows]


def kinds(events: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
    """The events without their data."""
    return [kind for kind, _ in events]


def _short(wire_type: str) -> str:
    return wire_type.rpartition("referral.")[2].removesuffix(".v1")
