"""Check that nobody has changed the audit trail."""

from typing import Final

from shared import audit
from shared.audit import Verdict
from shared.auth import Actor
from shared.database import Tx

PORTION: Final = 50_000
"""About a second's work, so that a page can be waited for."""


async def verify_chain(after: int, *, tx: Tx, actor: Actor) -> Verdict:
    """The next portion of the chain; that it was asked for stands in the trail itself."""
    found = await audit.verify(tx, after=after, most=PORTION)
    await audit.record(tx, actor, "audit.verified", [actor.id])
    return found
