"""Stop going through a list: what was taken in stays, the rest is not read."""

from uuid import UUID

from services.registry.domain.list_import import stopped
from services.registry.storage import imports
from services.registry.storage.imports import Import
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def stop_import(import_id: UUID, *, tx: Tx, actor: Actor) -> Import:
    """The import, which nobody goes on with; a check that was stopped may be begun anew.

    Waits for the batch that is being taken in. Raises `NotFound` for somebody else's, and
    `ImportNotUnderWay` where there is nothing to stop.
    """
    one = await imports.take(tx, import_id)
    if one is None:
        raise NotFound
    await imports.end(tx, one.id, stopped(one.status))
    await audit.record(tx, actor, "import.stopped", [one.id])
    found = await imports.get(tx, one.id)
    assert found is not None
    return found
