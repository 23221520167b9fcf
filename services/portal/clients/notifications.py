"""Notifications: the visitor's notices, the live stream, and the delivery ledger."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from services.portal.clients.answers import Answer, Listed, read, read_list, read_listed
from services.portal.clients.service import Service, bearer


class Notice(Answer):
    """One notice; its title names no person."""

    id: UUID
    kind: str = ""
    title: str
    at: datetime
    referral_id: UUID | None = None
    case_number: str | None = None
    read_at: datetime | None = None


class Delivery(Answer):
    """Whether word reached one person over one channel."""

    recipient_id: UUID
    channel: str
    status: str
    at: datetime
    kind: str | None = None
    detail: str | None = None


class _Count(Answer):
    unread: int


class Notifications:
    """Typed calls to notifications."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def notices(self, token: str, *, cursor: str | None, limit: int) -> Listed[Notice]:
        """The visitor's notices, newest first, after a cursor."""
        answer = await self.service.get("/notices", token, cursor=cursor, limit=limit)
        return read_listed(Notice, answer)

    async def unread(self, token: str) -> int:
        """How many notices wait."""
        return read(_Count, await self.service.get("/notices/count", token)).unread

    async def mark_read(self, token: str, notice_id: UUID) -> None:
        """Note that the visitor opened a notice."""
        await self.service.post(f"/notices/{notice_id}/read", token, {})

    async def mark_referral_read(self, token: str, referral_id: UUID) -> None:
        """Note that the visitor opened a referral, and with it all they were told of it."""
        await self.service.post(f"/notices/of-referral/{referral_id}/read", token, {})

    async def mark_all_read(self, token: str, *, key: str) -> None:
        """Note that the visitor has seen every notice."""
        await self.service.post("/notices/read-all", token, {}, key=key)

    async def deliveries(self, token: str, referral_id: UUID) -> list[Delivery]:
        """The ledger of one referral, for its sender."""
        answer = await self.service.get("/deliveries", token, referral_id=str(referral_id))
        return read_list(Delivery, answer)

    def stream(self, token: str, last_event_id: str | None) -> AsyncIterator[bytes]:
        """The visitor's live events as they come, from the last one seen."""
        resume = {"Last-Event-ID": last_event_id} if last_event_id else {}
        headers = bearer(token) | {"Accept": "text/event-stream"} | resume
        return self.service.stream("/stream", headers)
