"""Sweep away lists that nobody goes on with, and results that were kept long enough."""

from services.registry.storage import imports
from services.registry.storage.import_sources import throw_away
from shared.database import Database
from shared.sealed_store import SealedStore


async def sweep_imports(*, database: Database, store: SealedStore) -> int:
    """Delete some of them, bytes first, so that nothing is left behind unseen; how many."""
    async with database.transaction() as tx:
        found = await imports.old(tx)
    for import_id, parts in found:
        await throw_away(store, import_id, parts)
        async with database.transaction() as tx:
            await imports.forget(tx, import_id)
    return len(found)
