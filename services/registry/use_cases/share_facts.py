"""Tell another service of ours what it may know of records."""

from collections.abc import Sequence
from uuid import UUID

from services.registry.storage import queries
from services.registry.storage.queries import Facts
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def share_facts(ids: Sequence[UUID], *, tx: Tx, actor: Actor) -> list[Facts]:
    """Place, kind and open categories of those that exist, with the reads in their trails."""
    found = await queries.facts(tx, ids)
    read = [one.id for one in found]
    await audit.record(tx, actor, "beneficiary.shared", read, detail=actor.name)
    return found
