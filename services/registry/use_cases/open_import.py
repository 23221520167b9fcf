"""Begin an import: of an uploaded list, or of a file on the operator's machine."""

from uuid import UUID

from services.registry.domain.import_columns import ColumnMap
from services.registry.domain.list_import import ImportStatus, LineStatus
from services.registry.storage import imports
from services.registry.storage.imports import Import
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id


async def open_import(
    *,
    import_id: UUID | None = None,
    sha256: bytes,
    parts: int = 0,
    total: int,
    columns: ColumnMap | None = None,
    status: ImportStatus = ImportStatus.UPLOADED,
    tx: Tx,
    actor: Actor,
) -> Import:
    """The new import, written down; `parts` says how many pieces of the list were put away."""
    one = Import(
        id=import_id or new_id(),
        actor=actor,
        sha256=sha256,
        parts=parts,
        total=total,
        columns=columns.checked() if columns else None,
        status=status,
        position=0,
        at=tx.now,
        counts=dict.fromkeys(LineStatus, 0),
    )
    await imports.add(tx, one)
    await audit.record(tx, actor, "import.opened", [one.id])
    return one
