"""What registry does by itself: marks names spelled by older rules, and goes through lists."""

from typing import Final

from services.registry.storage import imports, marks
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.import_sources import KeptSource
from services.registry.use_cases.run_import import run_import
from services.registry.use_cases.sweep_imports import sweep_imports
from shared.database import Database
from shared.rounds import Rounds
from shared.sealed_store import SealedStore

MARK_SECONDS: Final = 300.0
BATCH: Final = 500
IMPORT_SECONDS: Final = 0.5
SWEEP_SECONDS: Final = 60.0


def marker(database: Database, *, vault: NikVault) -> Rounds:
    """Marks what has no mark of today's spelling, at the start and every few minutes."""

    async def go() -> None:
        full = True
        while full:
            async with database.transaction() as tx:
                full = await marks.mark_missing(tx, vault, BATCH) == BATCH

    return Rounds("marks", MARK_SECONDS, go)


def importer(database: Database, *, vault: NikVault, store: SealedStore) -> Rounds:
    """Goes through uploaded lists, one after another."""

    async def go() -> None:
        while True:
            async with database.transaction() as tx:
                job = await imports.waiting(tx)
            if job is None:
                return
            source = KeptSource(store, job.id, job.parts)
            await run_import(job.id, source, database=database, vault=vault)

    return Rounds("imports", IMPORT_SECONDS, go)


def import_sweeper(database: Database, *, store: SealedStore) -> Rounds:
    """Sweeps what is left of lists, once a minute."""

    async def go() -> None:
        while await sweep_imports(database=database, store=store):
            continue

    return Rounds("import_sweeps", SWEEP_SECONDS, go)
