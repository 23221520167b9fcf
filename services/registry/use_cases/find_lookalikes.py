"""Who among the registered looks like somebody a worker is about to register."""

from services.registry.domain.lookalike import Lookalike
from services.registry.storage import marks
from services.registry.storage.marks import Probe
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action, Resource, require


async def find_lookalikes(probe: Probe, *, tx: Tx, actor: Actor) -> list[Lookalike]:
    """The likest first; that they were shown stands in the trail of each.

    Raises `Forbidden` for an area in which the caller may not register.
    """
    require(actor, Action.BENEFICIARY_REGISTER, Resource(area=probe.traits.area))
    (found,) = await marks.lookalikes(tx, actor, [probe])
    await audit.record(tx, actor, "beneficiary.lookalike_shown", [one.id for one in found])
    return found
