"""Who could take a referral, best first; for those who assign it."""

from dataclasses import replace
from uuid import UUID

from services.cases.domain.legs import Candidate
from services.cases.domain.ranking import ranked
from services.cases.domain.referral import Referral
from services.cases.storage import known
from services.cases.use_cases.access import may_give_away
from services.cases.use_cases.read_referral import read_referral
from shared.auth import Actor
from shared.database import Tx
from shared.errors import Forbidden


async def rank_candidates(
    referral_id: UUID, *, tx: Tx, actor: Actor
) -> tuple[Referral, list[Candidate]]:
    """The referral and the workers of its pillar whose duty holds its area, ranked.

    Raises `NotFound` out of scope, `Forbidden` for whoever may read it but not assign it.
    """
    referral = await read_referral(referral_id, tx=tx, actor=actor)
    if not await may_give_away(tx, actor, referral):
        raise Forbidden
    around = await known.surroundings(tx, referral.beneficiary_id, referral.area, None)
    fitting = [
        one
        for one in around.duties
        if one.pillar == referral.pillar and referral.organisation_id in (None, one.organisation_id)
    ]
    load = await known.open_load(tx, [one.worker_id for one in fitting])
    laden = [replace(one, open_load=load.get(one.worker_id, 0)) for one in fitting]
    return referral, ranked(laden, referral.pillar, referral.area)
