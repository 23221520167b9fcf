"""See a referral."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.database import Tx


async def see_referral(act: Act, *, tx: Tx, actor: Actor) -> Referral:
    """Note that a first receiver has opened the referral; later openings change nothing."""
    referral, by = await taken_up(tx, actor, act)
    if referral.see(by):
        await referrals.save(tx, referral)
    return referral
