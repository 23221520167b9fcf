"""What registry does by itself, by the clock.

It marks records whose names were spelled by older rules, folds changes into the counts and moves
those who have a birthday to their age band, stops what a withdrawn consent allowed, reminds of
requests that fall due, tells of reports by other systems, anonymises records whose time is over,
and goes through uploaded lists.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import asyncpg

from services.registry.domain.list_import import ImportStatus
from services.registry.storage import area_counts, imports, marks
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_sources import KeptSource
from services.registry.use_cases import (
    announce_reports,
    anonymise_records,
    remind_requests,
    stop_processing,
)
from services.registry.use_cases.run_import import run_import
from services.registry.use_cases.sweep_imports import sweep_imports
from shared.database import Database, is_loss
from shared.errors import Unavailable
from shared.logging import get_logger
from shared.rounds import Rounds
from shared.sealed_store import SealedStore

MARK_SECONDS: Final = 300.0
BIRTHDAY_SECONDS: Final = 300.0
FOLD_SECONDS: Final = 1.0
PROTECT_SECONDS: Final = 5.0
ANNOUNCE_SECONDS: Final = 1.0
RETENTION_SECONDS: Final = 24 * 3600.0
IMPORT_SECONDS: Final = 0.5
IMPORT_TRIES: Final = 5
"""After which what the database refuses is a fault of ours and no coincidence."""
SWEEP_SECONDS: Final = 60.0


def marker(database: Database, *, vault: NikVault) -> Rounds:
    """Marks what has no mark of today's spelling, at the start and every few minutes."""

    async def go() -> None:
        after: UUID | None = marks.FIRST
        while after is not None:
            async with database.transaction() as tx:
                _, after = await marks.mark_missing(tx, vault, after)

    return Rounds("marks", MARK_SECONDS, go)


def birthdays(database: Database) -> Rounds:
    """Counts those who have grown too old for their age band in the next, every few minutes."""

    async def go() -> None:
        full = True
        while full:
            async with database.transaction() as tx:
                full = await area_counts.keep_birthdays(tx) == area_counts.BIRTHDAYS

    return Rounds("birthdays", BIRTHDAY_SECONDS, go)


def count_folder(database: Database) -> Rounds:
    """Folds what has changed into the counts per area, once a second."""

    async def go() -> None:
        full = True
        while full:
            async with database.transaction(durable=False) as tx:
                full = await area_counts.fold(tx) == area_counts.BATCH

    return Rounds("area_counts", FOLD_SECONDS, go)


def protector(database: Database) -> Rounds:
    """Keeps the deadlines of the law: stops, reminds, and erases what was granted."""

    async def go() -> None:
        for one, batch in (
            (stop_processing.stop_processing, stop_processing.BATCH),
            (remind_requests.remind_requests, remind_requests.BATCH),
            (anonymise_records.anonymise_asked, anonymise_records.BATCH),
        ):
            await _until_done(database, one, batch)

    return Rounds("protection", PROTECT_SECONDS, go)


def announcer(database: Database) -> Rounds:
    """Tells of reports by other systems, once a second."""

    async def go() -> None:
        await _until_done(database, announce_reports.announce_reports, announce_reports.BATCH)

    return Rounds("reports", ANNOUNCE_SECONDS, go)


def forgetter(database: Database) -> Rounds:
    """Anonymises records whose time is over, at the start and once a day."""

    async def go() -> None:
        await _until_done(database, anonymise_records.anonymise_due, anonymise_records.BATCH)

    return Rounds("retention", RETENTION_SECONDS, go)


async def _until_done(
    database: Database, one_batch: Callable[..., Awaitable[int]], size: int
) -> None:
    full = True
    while full:
        async with database.transaction() as tx:
            full = await one_batch(tx=tx) == size


def importer(database: Database, *, vault: NikVault, store: SealedStore) -> Rounds:
    """Goes through uploaded lists, one after another; what keeps failing is ended."""
    failed: Counter[UUID] = Counter()

    async def go() -> None:
        while True:
            async with database.transaction() as tx:
                job = await imports.waiting(tx)
            if job is None:
                return
            source = KeptSource(store, job.id, job.parts)
            try:
                await run_import(job.id, source, database=database, vault=vault)
            except Exception as error:
                failed[job.id] += 1
                if is_loss(error) or isinstance(error, Unavailable) or (
                    isinstance(error, asyncpg.PostgresError) and failed[job.id] < IMPORT_TRIES
                ):  # fmt: skip
                    raise
                # Again and again it would end the same.
                get_logger().error("import_failed", error=type(error).__name__)
                async with database.transaction() as tx:
                    await imports.end(tx, job.id, ImportStatus.FAILED)

    return Rounds("imports", IMPORT_SECONDS, go)


def import_sweeper(database: Database, *, store: SealedStore) -> Rounds:
    """Sweeps what is left of lists, once a minute."""

    async def go() -> None:
        while await sweep_imports(database=database, store=store):
            continue

    return Rounds("import_sweeps", SWEEP_SECONDS, go)
