"""Registry: what other systems tell of somebody in need."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.portal.clients.answers import Answer, Listed, read, read_listed
from services.portal.clients.registry import Candidate, Registered
from services.portal.clients.service import Service


class ReportRow(Answer):
    """A report that waits; of a `layanan khusus` one without its name."""

    id: UUID
    source: str
    name: str | None
    area: str
    confidentiality: str
    received_at: datetime


class Said(Answer):
    """What a report says, as it came."""

    kind: str
    name: str
    area: str
    sex: str | None = None
    birth: Mapping[str, Any] | None = None
    nik: str | None = None
    kk: str | None = None
    address: str | None = None
    phone: str | None = None
    categories: tuple[str, ...] = ()
    words: str | None = None


class Report(Answer):
    """A report with the records that may be the same; without what it said once it is settled."""

    id: UUID
    source: str
    area: str
    state: str
    received_at: datetime
    settled_at: datetime | None = None
    settled_by: UUID | None = None
    beneficiary_id: UUID | None = None
    refusal: str | None = None
    said: Said | None = None
    candidates: tuple[Candidate, ...] = ()


class Reports:
    """Typed calls about reports."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def waiting(self, token: str, *, cursor: str | None, limit: int) -> Listed[ReportRow]:
        """Those that wait for the visitor or others like them, the oldest first."""
        answer = await self._service.get("/reports", token, cursor=cursor, limit=limit)
        return read_listed(ReportRow, answer)

    async def get(self, token: str, report_id: UUID) -> Report:
        """One report in full."""
        return read(Report, await self._service.get(f"/reports/{report_id}", token))

    async def register(
        self, token: str, report_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> Registered:
        """Register whom it tells of; look-alikes are refused as in every registration."""
        path = f"/reports/{report_id}/register"
        return read(Registered, await self._service.post(path, token, body, key=key))

    async def settle(
        self, token: str, report_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> None:
        """Say whose it is, or why nobody is recorded for it."""
        await self._service.post(f"/reports/{report_id}/settle", token, body, key=key)
