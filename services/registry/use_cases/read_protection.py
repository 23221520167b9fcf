"""Read what is known about the protection of one record."""

from uuid import UUID

from services.registry.storage import protection
from services.registry.storage.protection import Protection
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def read_protection(beneficiary_id: UUID, *, tx: Tx, actor: Actor) -> Protection:
    """Grounds, requests and the end of the record; raises `NotFound` out of scope."""
    found = await protection.read(tx, actor, beneficiary_id)
    if found is None:
        raise NotFound
    await audit.record(tx, actor, "protection.read", [beneficiary_id])
    return found
