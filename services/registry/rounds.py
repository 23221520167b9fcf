"""What registry does by itself: marks of today's spelling, birthdays, and counts to be folded."""

from typing import Final

from services.registry.storage import area_counts, marks
from services.registry.storage.field_encryption import NikVault
from shared.database import Database
from shared.rounds import Rounds

MARK_SECONDS: Final = 300.0
BATCH: Final = 500
BIRTHDAY_SECONDS: Final = 300.0
FOLD_SECONDS: Final = 1.0


def marker(database: Database, *, vault: NikVault) -> Rounds:
    """Marks what has no mark of today's spelling, at the start and every few minutes."""

    async def go() -> None:
        full = True
        while full:
            async with database.transaction() as tx:
                full = await marks.mark_missing(tx, vault, BATCH) == BATCH

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
