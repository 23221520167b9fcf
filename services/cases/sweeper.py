"""The clock of cases: a loop that rings what is due, with no scheduler and no Redis."""

from typing import Final

from services.cases.storage import open_counts
from services.cases.storage.attachment_store import AttachmentStore
from services.cases.use_cases import ring_alarms, sweep_attachments
from services.cases.use_cases.ring_alarms import BATCH
from services.cases.use_cases.sweep_attachments import BATCH as SWEPT_AT_ONCE
from shared.database import Database
from shared.rounds import Rounds

ROUND_SECONDS: Final = 0.5
SWEEP_SECONDS: Final = 600.0
FOLD_SECONDS: Final = 1.0


def sweeper(database: Database) -> Rounds:
    """Rings every half second; a full batch is followed by the next one at once."""

    async def go() -> None:
        full = True
        while full:
            async with database.transaction() as tx:
                full = await ring_alarms(tx=tx) == BATCH

    return Rounds("alarms", ROUND_SECONDS, go)


def attachment_sweeper(database: Database, *, store: AttachmentStore) -> Rounds:
    """Sweeps uploaded files that no note took, every ten minutes."""

    async def go() -> None:
        full = True
        while full:
            full = await sweep_attachments(database=database, store=store) == SWEPT_AT_ONCE

    return Rounds("attachments", SWEEP_SECONDS, go)


def count_folder(database: Database) -> Rounds:
    """Folds what was opened and ended into the counts of the boards, once a second."""

    async def go() -> None:
        full = True
        while full:
            async with database.transaction(durable=False) as tx:
                full = await open_counts.fold(tx) == open_counts.BATCH

    return Rounds("open_counts", FOLD_SECONDS, go)
