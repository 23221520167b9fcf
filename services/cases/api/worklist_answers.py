"""Shapes of the lines of worklists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from pydantic import BaseModel

from services.cases.domain.flags import Bind, binds
from shared.contracts.codes import Confidentiality, ReferralStatus, Urgency


class WorklistItem(BaseModel):
    """One line of a worklist; without words about the person."""

    referral_id: UUID
    case_id: UUID
    case_number: str
    beneficiary_id: UUID | None
    """None where lists do not say whom it is about."""
    status: ReferralStatus
    version: int
    pillar: str
    area: str
    place: str
    category: str | None
    situation: str | None
    urgency: Urgency
    confidentiality: Confidentiality
    worker_id: UUID | None
    holder_id: UUID | None
    sender_id: UUID | None
    reply_by: datetime | None
    act_by: datetime | None
    close_by: datetime | None
    due_at: datetime | None
    sent_at: datetime
    seen_at: datetime | None
    overdue: bool
    escalation_level: int

    @classmethod
    def of(cls, row: Any, now: datetime, reader_id: UUID) -> Self:
        """From a row of referrals, as the reader may see it."""
        values = {name: row[name] for name in _ITEM_COLUMNS}
        values["referral_id"] = row["id"]
        values["overdue"] = row["due_at"] is not None and row["due_at"] < now
        return cls(**as_seen(values, row["flags"], str(reader_id)))

    def without_words(self) -> Self:
        """The same line, saying no more than where it stands."""
        return self.model_copy(update={"category": None, "situation": None})


_ITEM_COLUMNS: Final = tuple(
    name for name in WorklistItem.model_fields if name not in {"referral_id", "overdue"}
)


def as_seen(line: dict[str, Any], flags: Sequence[str], reader_id: str) -> dict[str, Any]:
    """The same fields without those its reader may not see, by the need and by its rule's flags."""
    if line["confidentiality"] == Confidentiality.C3.value:
        line["category"] = line["situation"] = None
    if binds(flags, Bind.NO_NAME_IN_LISTS):
        line["beneficiary_id"] = None
    if binds(flags, Bind.HIDE_SENDER) and str(line["sender_id"]) != reader_id:
        line["sender_id"] = None
    return line


class WorklistPage(BaseModel):
    """A page of lines, and the cursor of the next one while there may be one."""

    items: list[WorklistItem]
    next: str | None
