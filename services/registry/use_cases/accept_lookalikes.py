"""Keep what a worker decided about those who look like somebody just registered."""

import contextlib
from collections.abc import Collection, Sequence
from uuid import UUID

from services.registry.domain.lookalike import Lookalike
from services.registry.use_cases.say_different import say_different
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import Forbidden, NotFound


async def accept_lookalikes(
    made: UUID,
    accepted: Sequence[Lookalike],
    different_from: Collection[UUID],
    *,
    tx: Tx,
    actor: Actor,
) -> None:
    """Write the decision to the trail of each, and remember who was said to be somebody else.

    Of a record the caller may not change, the trail alone tells it: nobody can say who somebody is
    whom they do not see.
    """
    ids = [one.id for one in accepted]
    await audit.record(tx, actor, "beneficiary.lookalike_accepted", ids, detail=str(made))
    for other in ids:
        if other in different_from:
            with contextlib.suppress(NotFound, Forbidden):
                await say_different(made, other, tx=tx, actor=actor)
