"""What registry does by itself: it marks records whose names were spelled by older rules."""

from typing import Final

from services.registry.storage import marks
from services.registry.storage.field_encryption import NikVault
from shared.database import Database
from shared.rounds import Rounds

MARK_SECONDS: Final = 300.0
BATCH: Final = 500


def marker(database: Database, *, vault: NikVault) -> Rounds:
    """Marks what has no mark of today's spelling, at the start and every few minutes."""

    async def go() -> None:
        full = True
        while full:
            async with database.transaction() as tx:
                full = await marks.mark_missing(tx, vault, BATCH) == BATCH

    return Rounds("marks", MARK_SECONDS, go)
