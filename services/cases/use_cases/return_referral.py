"""Return a referral to its sender."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.contracts.codes import ReturnReason
from shared.database import Tx


async def return_referral(
    act: Act, *, reason: ReturnReason, note: str | None, tx: Tx, actor: Actor
) -> Referral:
    """Give it back with a reason; the sender must act."""
    referral, by = await taken_up(tx, actor, act)
    referral.give_back(by, reason=reason, note=note)
    await referrals.save(tx, referral)
    return referral
