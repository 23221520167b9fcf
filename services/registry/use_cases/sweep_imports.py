"""Sweep away lists that were taken in or that nobody goes on with, and old results."""

from services.registry.storage import imports
from services.registry.storage.import_sources import throw_away
from shared.database import Database
from shared.sealed_store import SealedStore


async def sweep_imports(*, database: Database, store: SealedStore) -> int:
    """Delete some of them, bytes first, so that nothing is left behind unseen; how many."""
    async with database.transaction() as tx:
        found = await imports.left_over(tx)
    for left in found:
        await throw_away(store, left.id, left.parts)
        async with database.transaction() as tx:
            await imports.clear(tx, left)
    return len(found)
