"""Put a referral off."""

from datetime import datetime

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.database import Tx


async def hold_referral(
    act: Act, *, reason: str, until: datetime, tx: Tx, actor: Actor
) -> Referral:
    """Put it off until then with a reason; act-by and close-by stand still meanwhile."""
    referral, by = await taken_up(tx, actor, act)
    referral.hold(by, reason=reason, until=until)
    await referrals.save(tx, referral)
    return referral
