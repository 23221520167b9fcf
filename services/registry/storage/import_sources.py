"""Where the rows of an import come from: a file of the operator, or one kept sealed."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import orjson

from services.registry.domain.import_row import Line
from services.registry.storage.import_files import OpenedList, opened
from shared.sealed_store import SealedStore

BATCH: Final = 1_000
"""How many rows are one transaction."""
_HEAD: Final = "head"


class Source(Protocol):
    """Rows, again and again from any place."""

    def batches(self, after: int) -> AsyncIterator[list[Line]]:
        """The rows behind the first `after`, a batch at a time."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """The rows of a file on this machine."""

    path: Path

    async def batches(self, after: int) -> AsyncIterator[list[Line]]:
        """The rows behind the first `after`, a batch at a time."""
        with self.path.open("rb") as file:
            rows = await asyncio.to_thread(lambda: itertools.islice(opened(file).rows, after, None))
            while batch := await asyncio.to_thread(_taken, rows):
                yield batch


@dataclass(frozen=True, slots=True)
class KeptSource:
    """The rows of an uploaded file, as they were put away."""

    store: SealedStore
    import_id: UUID
    parts: int

    async def batches(self, after: int) -> AsyncIterator[list[Line]]:
        """The rows behind the first `after`, a batch at a time."""
        for part in range(self.parts):
            rows = orjson.loads(await self.store.get(_place(self.import_id, part)))
            left = rows[after:]
            after = max(after - len(rows), 0)
            if left:
                yield [Line(number, cells) for number, cells in left]


async def put_away(store: SealedStore, import_id: UUID, found: OpenedList) -> tuple[int, int]:
    """Seal a list batch by batch; returns how many batches and rows there are."""
    head = orjson.dumps({"headers": found.headers, "samples": found.samples})
    await store.put(_place(import_id, _HEAD), head)
    parts = total = 0
    while batch := await asyncio.to_thread(_taken, found.rows):
        content = orjson.dumps([(line.number, line.cells) for line in batch])
        await store.put(_place(import_id, parts), content)
        parts += 1
        total += len(batch)
    return parts, total


async def columns_of(store: SealedStore, import_id: UUID) -> tuple[list[str], list[list[str]]]:
    """The names of the columns of a kept list, and some of its rows."""
    head: dict[str, Any] = orjson.loads(await store.get(_place(import_id, _HEAD)))
    return head["headers"], head["samples"]


async def throw_away(store: SealedStore, import_id: UUID, parts: int) -> None:
    """Delete what was kept of a list; nothing there is no error."""
    for part in (_HEAD, *range(parts)):
        await store.delete(_place(import_id, part))


def _taken(rows: Iterator[Line]) -> list[Line]:
    return list(itertools.islice(rows, BATCH))


def _place(import_id: UUID, part: str | int) -> str:
    # The id's last digits are random, so that no folder fills up.
    return f"{str(import_id)[-2:]}/{import_id}.{part}"
