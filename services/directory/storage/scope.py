"""What part of the rows a transaction may see, where that differs from the caller's own scope."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from shared.database import Tx

_RANGE_SQL: Final = """
    select current_setting('app.area_from', true) as first,
           current_setting('app.area_to', true) as last
"""
_SET_RANGE_SQL: Final = """
    select set_config('app.area_from', $1, true), set_config('app.area_to', $2, true)
"""
_SET_ACTOR_SQL: Final = "select set_config('app.actor', $1, true)"


@contextlib.asynccontextmanager
async def everywhere(tx: Tx) -> AsyncIterator[None]:
    """Let the rows of all areas through inside the block.

    For questions about named rows whose answer does not depend on the caller's area: a whole
    worker already found in scope, a colleague's name, a stand-in from a wider area.
    """
    before = await tx.fetchrow(_RANGE_SQL)
    await tx.fetch(_SET_RANGE_SQL, "0", ":")
    yield
    # An error leaves the block by ending the transaction, so only success has to narrow again.
    if before is not None:
        await tx.fetch(_SET_RANGE_SQL, before["first"], before["last"])


async def act_as(tx: Tx, worker_id: UUID) -> None:
    """Go on as a worker proven by password, session or the operator: own rows come through."""
    await tx.fetch(_SET_ACTOR_SQL, str(worker_id))
