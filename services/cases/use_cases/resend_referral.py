"""Send a returned referral again."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.database import Tx


async def resend_referral(act: Act, *, change: str, tx: Tx, actor: Actor) -> Referral:
    """Send it again, saying what changed; the reply-by clock starts anew."""
    referral, by = await taken_up(tx, actor, act)
    referral.resend(by, change=change)
    await referrals.save(tx, referral)
    return referral
