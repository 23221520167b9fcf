"""What notifications says: whether word reached a person."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.envelope import EventData


class NoticeDelivered(EventData):
    """A notice reached its receiver's channel; reserved, not stated for the in-app channel."""

    publisher: ClassVar[str] = "notifications"
    name: ClassVar[str] = "notice.delivered"

    notice_id: UUID
    referral_id: UUID | None
    recipient_id: UUID
    channel: str
    at: datetime


class WorkerUnreachable(EventData):
    """No channel reaches this worker, for example because the worker left."""

    publisher: ClassVar[str] = "notifications"
    name: ClassVar[str] = "worker.unreachable"

    worker_id: UUID
    referral_id: UUID | None


EVENTS = (NoticeDelivered, WorkerUnreachable)
