"""Sweep away uploaded files that no note took."""

from typing import Final

from services.cases.domain.attachments import SWEEP_AFTER
from services.cases.storage import attachments
from services.cases.storage.attachment_store import AttachmentStore
from shared.database import Database

BATCH: Final = 100


async def sweep_attachments(*, database: Database, store: AttachmentStore) -> int:
    """Delete up to a batch of them, bytes first; how many.

    A row outlives its bytes and not the other way round, so nothing is left behind unseen.
    """
    async with database.transaction() as tx:
        ids = await attachments.orphans(tx, tx.now - SWEEP_AFTER, BATCH)
    for attachment_id in ids:
        await store.delete(attachment_id)
    if ids:
        async with database.transaction() as tx:
            await attachments.forget(tx, ids)
    return len(ids)
