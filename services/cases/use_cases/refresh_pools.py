"""Look up anew who is in the pools that referrals wait for."""

from collections.abc import Sequence

from services.cases.domain.legs import Leg
from services.cases.domain.receivers import Asked, Duties, receivers_now
from services.cases.domain.referral import Referral
from services.cases.storage import known
from shared.database import Tx


async def refresh_pools(waiting: Sequence[Referral], *, tx: Tx) -> list[Leg]:
    """Give each referral the pool of today, in memory; the leg it is now, in the same order.

    Whoever left or lost the duty since it was sent is not told again, and who came since is.
    """
    if not waiting:
        return []
    found = await known.receivers(
        tx, [one.pillar for one in waiting], [one.area for one in waiting]
    )
    duties = Duties(found)
    legs: dict[Asked, Leg] = {}
    answers = []
    for referral in waiting:
        asked = Asked.by(referral)
        if asked not in legs:
            legs[asked] = receivers_now(asked, duties.around(asked.area, asked.pillar))
        referral.pool = legs[asked].reachable
        answers.append(legs[asked])
    return answers
