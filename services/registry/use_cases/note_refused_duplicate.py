"""Keep a trace of the records a refused registration revealed."""

from uuid import UUID

from services.registry.storage import niks
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import TooMany
from shared.logging import get_logger


async def note_refused_duplicate(ids: list[UUID], *, tx: Tx, actor: Actor) -> None:
    """Count the refusal as a NIK search and write it to the trail of each record named."""
    try:
        await niks.count_search(tx, actor)
    except TooMany:
        # Others of the same worker spent the last one meanwhile; this answer is still noted.
        get_logger().warning("nik_searches_overspent", actor=str(actor.id))
    await audit.record(tx, actor, "beneficiary.lookalike_shown", ids)
