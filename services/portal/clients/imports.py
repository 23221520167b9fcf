"""Lists taken in by registry, and lists taken away from it."""

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import Any, BinaryIO, Final
from uuid import UUID

import httpx2

from services.portal.clients.answers import Answer, read, read_list
from services.portal.clients.service import Service, bearer

LINES_SHOWN: Final = 50
"""How many lines of a kind a page shows."""
UNDER_WAY: Final = frozenset({"checking", "running"})


class Import(Answer):
    """A list and how far it is."""

    id: UUID
    status: str
    at: dt.datetime
    total: int
    position: int
    counts: dict[str, int]

    @property
    def is_under_way(self) -> bool:
        """Whether lines are being gone through."""
        return self.status in UNDER_WAY

    @property
    def left(self) -> int:
        """How many lines were not gone through."""
        return self.total - self.position


class Column(Answer):
    """A column of the list and what it says, as far as is known."""

    place: int
    letter: str
    header: str
    samples: tuple[str, ...] = ()
    field: str | None = None


class ImportDetail(Import):
    """One list with its columns, for as long as it is kept."""

    columns: tuple[Column, ...] = ()
    fields: dict[str, str]
    area: str | None = None
    category: str | None = None
    kind: str
    legal_basis: str
    accept_lookalikes: bool


class Line(Answer):
    """What became of one line."""

    line: int
    status: str
    beneficiary_id: UUID | None = None
    why: str | None = None


class Imports:
    """Typed calls to registry about lists."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def mine(self, token: str) -> list[Import]:
        """The visitor's last imports."""
        return read_list(Import, await self.service.get("/imports", token))

    async def upload(self, token: str, file: tuple[str, BinaryIO], *, key: str) -> Import:
        """Upload a list."""
        return read(Import, await self.service.upload("/imports", token, file, key=key))

    async def get(self, token: str, import_id: UUID) -> ImportDetail:
        """One import with its columns."""
        return read(ImportDetail, await self.service.get(f"/imports/{import_id}", token))

    async def progress(self, token: str, import_id: UUID) -> Import:
        """How far it is."""
        return read(Import, await self.service.get(f"/imports/{import_id}/progress", token))

    async def check(
        self, token: str, import_id: UUID, body: Mapping[str, Any], *, key: str
    ) -> None:
        """Try every line by these columns."""
        await self.service.post(f"/imports/{import_id}/check", token, body, key=key)

    async def start(self, token: str, import_id: UUID, *, key: str) -> None:
        """Take in the lines as they were checked."""
        await self.service.post(f"/imports/{import_id}/start", token, {}, key=key)

    async def stop(self, token: str, import_id: UUID, *, key: str) -> None:
        """Go on with no more lines."""
        await self.service.post(f"/imports/{import_id}/stop", token, {}, key=key)

    async def lines(
        self, token: str, import_id: UUID, *, status: str, noted: bool = False
    ) -> list[Line]:
        """What became of the first lines of a kind, perhaps of those alone that look odd."""
        answer = await self.service.get(
            f"/imports/{import_id}/lines", token, status=status, limit=LINES_SHOWN, noted=noted
        )
        return read_list(Line, answer)

    def result(self, token: str, import_id: UUID, kind: str) -> AsyncIterator[bytes]:
        """What became of every line, as a file."""
        return self.service.stream(f"/imports/{import_id}/result?format={kind}", bearer(token))

    def export(self, token: str, kind: str, narrowed: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The people in the visitor's scope, as a file."""
        query = httpx2.QueryParams({**narrowed, "format": kind})
        return self.service.stream(f"/beneficiaries/export?{query}", bearer(token))
