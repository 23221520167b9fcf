"""Tell another service of ours what it may know of a record."""

from uuid import UUID

from services.registry.storage import queries
from services.registry.storage.queries import Facts
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def share_facts(beneficiary_id: UUID, *, tx: Tx, actor: Actor) -> Facts:
    """Place, kind and open categories, with the read in the trail; raises `NotFound`."""
    facts = await queries.facts(tx, beneficiary_id)
    if facts is None:
        raise NotFound
    await audit.record(tx, actor, "beneficiary.shared", [beneficiary_id], detail=actor.name)
    return facts
