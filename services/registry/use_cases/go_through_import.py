"""Let the message process go through an uploaded list: check it, or take it in."""

from uuid import UUID

from services.registry.domain.import_columns import ColumnMap, ColumnsUnclear
from services.registry.domain.list_import import (
    ImportStatus,
    require_checkable,
    require_startable,
)
from services.registry.storage import imports
from services.registry.storage.imports import Import
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def check_import(import_id: UUID, columns: ColumnMap, *, tx: Tx, actor: Actor) -> Import:
    """The import, whose lines are tried by these columns; nothing is registered by it."""
    one = await _own(import_id, tx)
    require_checkable(one.status)
    await audit.record(tx, actor, "import.checking", [one.id])
    return await _begin(one, ImportStatus.CHECKING, columns.checked(), tx=tx, actor=actor)


async def start_import(import_id: UUID, *, tx: Tx, actor: Actor) -> Import:
    """The import, whose lines are taken in as they were checked last."""
    one = await _own(import_id, tx)
    require_startable(one.status)
    if one.columns is None:
        raise ColumnsUnclear
    await audit.record(tx, actor, "import.running", [one.id])
    return await _begin(one, ImportStatus.RUNNING, one.columns, tx=tx, actor=actor)


async def _own(import_id: UUID, tx: Tx) -> Import:
    one = await imports.take(tx, import_id)
    if one is None:
        raise NotFound
    return one


async def _begin(
    one: Import, status: ImportStatus, columns: ColumnMap, *, tx: Tx, actor: Actor
) -> Import:
    await imports.begin(tx, one.id, status, columns=columns, actor=actor)
    found = await imports.get(tx, one.id)
    assert found is not None
    return found
