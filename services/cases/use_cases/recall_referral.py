"""Recall a referral."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from services.cases.use_cases.leg_ended import leg_ended
from shared.auth import Actor
from shared.database import Tx


async def recall_referral(act: Act, *, reason: str, tx: Tx, actor: Actor) -> Referral:
    """Take a referral back that nobody has begun to act on. Legs that waited for it are dropped."""
    referral, by = await taken_up(tx, actor, act)
    referral.recall(by, reason=reason)
    case = await leg_ended(referral, None, tx=tx)
    await referrals.save(tx, referral, cases=[case])
    return referral
