"""Look up anew who is in the pools that referrals wait for."""

from collections.abc import Sequence

from services.cases.domain.legs import Candidate, Leg
from services.cases.domain.receivers import receivers_now
from services.cases.domain.referral import Referral
from services.cases.storage import known
from shared.database import Tx
from shared.reference.areas import parents


async def refresh_pools(waiting: Sequence[Referral], *, tx: Tx) -> list[Leg]:
    """Give each referral the pool of today, in memory; the leg it is now, in the same order.

    Whoever left or lost the duty since it was sent is not told again, and who came since is.
    """
    if not waiting:
        return []
    found = await known.receivers(
        tx, [one.pillar for one in waiting], [one.area for one in waiting]
    )
    duties: dict[tuple[str, str], list[Candidate]] = {}
    for one in found:
        duties.setdefault((one.pillar, one.area), []).append(one)
    legs = []
    for referral in waiting:
        around = [
            one
            for area in parents(referral.area)
            for one in duties.get((referral.pillar, area), ())
        ]
        leg = receivers_now(referral, around)
        referral.pool = leg.reachable
        legs.append(leg)
    return legs
