"""Go through the lines of an import, batch by batch, from where it stands."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

from services.registry.domain.birth import local_day
from services.registry.domain.import_row import Line, RowReader
from services.registry.domain.list_import import ImportStatus, LineResult
from services.registry.storage import imports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_sources import Source
from services.registry.use_cases.ask_for_row import AskedRow, ask_for_row
from services.registry.use_cases.take_in_rows import Seen, take_in_rows
from shared.database import Database
from shared.policy import Action, reaches

Asked = AskedRow | LineResult
_TURN: Final = 5
"""After so many rows the batch that is being stored goes first.

Rows are not asked for in a thread: it would take half of Python's time from the storing while the
database waits for that, and have nothing left to do while the database works.
"""


def _untold(_position: int) -> None:
    """Nobody watches."""


async def run_import(
    import_id: UUID,
    source: Source,
    *,
    database: Database,
    vault: NikVault,
    told: Callable[[int], None] = _untold,
) -> None:
    """Take in what is left, or check all lines anew; `told` hears how many were gone through.

    Records, events, trail, results and the new position of a batch are one transaction, so it may
    be killed at any time and run again. Whoever finds it moved on or stopped leaves the rest to
    whom that was.
    """
    async with database.transaction() as tx:
        job = await imports.take(tx, import_id)
        columns = job.columns if job else None
        if job is None or not job.is_under_way or columns is None:
            return
        if job.status is ImportStatus.CHECKING:
            # What the lines before said was in the memory of a process that is gone.
            await imports.begin(tx, job.id, job.status, columns=columns, actor=job.actor)
            job = replace(job, position=0)
        today = local_day(tx.now)
    areas = [one.area for one in reaches(job.actor, Action.BENEFICIARY_IMPORT)]
    reader = RowReader(columns, areas=areas, today=today)
    asks = partial(
        ask_for_row, actor=job.actor, basis=columns.legal_basis, vault=vault, today=today
    )

    def asked(line: Line) -> Asked:
        return asks(reader.read(line))

    seen = Seen()
    async with contextlib.aclosing(_read_ahead(source.batches(job.position), asked)) as batches:
        async for rows in batches:
            async with database.transaction() as tx:
                now = await imports.take(tx, job.id)
                if now is None or not now.is_as(job):
                    return
                results = await take_in_rows(rows, job=job, seen=seen, tx=tx, vault=vault)
                await imports.advance(tx, job.id, results)
            job = replace(job, position=job.position + len(rows))
            if job.status is ImportStatus.RUNNING:
                # The registry itself knows them now.
                seen = Seen()
            told(job.position)
    is_check = job.status is ImportStatus.CHECKING
    async with database.transaction() as tx:
        now = await imports.take(tx, job.id)
        if now is not None and now.is_as(job):
            await imports.end(tx, job.id, ImportStatus.CHECKED if is_check else ImportStatus.DONE)


async def _read_ahead(
    batches: AsyncIterator[list[Line]], asked: Callable[[Line], Asked]
) -> AsyncGenerator[list[Asked]]:
    """Batches that were asked for while the database stored the one before."""
    coming = asyncio.create_task(_next(batches, asked))
    try:
        while rows := await coming:
            coming = asyncio.create_task(_next(batches, asked))
            yield rows
    finally:
        coming.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await coming


async def _next(batches: AsyncIterator[list[Line]], asked: Callable[[Line], Asked]) -> list[Asked]:
    lines: list[Line] = await anext(batches, [])
    rows: list[Asked] = []
    for place, line in enumerate(lines):
        if place % _TURN == 0:
            await asyncio.sleep(0)
        rows.append(asked(line))
    return rows
