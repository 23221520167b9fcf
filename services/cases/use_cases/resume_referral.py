"""Resume a referral."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.database import Tx


async def resume_referral(act: Act, *, tx: Tx, actor: Actor) -> Referral:
    """Go on with a referral that was put off; its clocks run again."""
    referral, by = await taken_up(tx, actor, act)
    referral.resume(by)
    await referrals.save(tx, referral)
    return referral
