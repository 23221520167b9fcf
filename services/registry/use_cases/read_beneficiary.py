"""Read one whole record."""

from uuid import UUID

from services.registry.storage import queries
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.queries import Record
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def read_beneficiary(
    beneficiary_id: UUID, *, tx: Tx, actor: Actor, vault: NikVault
) -> Record:
    """The record, with the read in its audit trail; raises `NotFound` out of scope."""
    record = await queries.record(tx, vault, actor, beneficiary_id)
    if record is None:
        raise NotFound
    await audit.record(tx, actor, "beneficiary.read", [record.id])
    return record
