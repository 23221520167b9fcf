"""Keep a trace of the records a refused registration revealed."""

from services.registry.domain.errors import PossibleDuplicate
from services.registry.storage import niks
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.logging import get_logger


async def note_refused_duplicate(refused: PossibleDuplicate, *, tx: Tx, actor: Actor) -> None:
    """Write it to the trail of each record named; one that tells of a NIK counts as a search."""
    if refused.asked and not await niks.count_search(tx, actor, refused.asked):
        # Others of the same worker spent the last one meanwhile; this answer is still noted.
        get_logger().warning("nik_searches_overspent", actor=str(actor.id))
    await audit.record(tx, actor, "beneficiary.lookalike_shown", refused.ids)
