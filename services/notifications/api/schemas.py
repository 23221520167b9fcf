"""What notifications answers."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class NoticeOut(BaseModel):
    """One notice of the caller; its title names no person."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    referral_id: UUID | None
    case_number: str | None
    title: str
    at: datetime
    read_at: datetime | None


class NoticeListOut(BaseModel):
    """A page of notices, newest first."""

    items: list[NoticeOut]
    next: str | None


class UnreadOut(BaseModel):
    """How many notices wait to be read."""

    unread: int


class ReadOut(BaseModel):
    """How many notices were marked read."""

    read: int


class DeliveryOut(BaseModel):
    """What became of one notice on one channel."""

    model_config = ConfigDict(from_attributes=True)

    notice_id: UUID
    recipient_id: UUID
    channel: str
    kind: str
    status: str
    at: datetime
    detail: str | None


class DeliveryListOut(BaseModel):
    """A page of a referral's ledger, oldest notice first."""

    items: list[DeliveryOut]
    next: str | None
