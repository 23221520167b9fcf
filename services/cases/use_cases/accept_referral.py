"""Accept a referral."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.database import Tx


async def accept_referral(act: Act, *, tx: Tx, actor: Actor) -> Referral:
    """Take the referral; the first one wins, everybody after gets `AlreadyAccepted`."""
    referral, by = await taken_up(tx, actor, act)
    referral.accept(by)
    await referrals.save(tx, referral)
    return referral
