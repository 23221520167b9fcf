"""Complete a referral, and its case when this was the last leg."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from services.cases.use_cases.leg_ended import leg_ended
from shared.auth import Actor
from shared.contracts.codes import Outcome
from shared.database import Tx


async def complete_referral(
    act: Act, *, outcome: Outcome, service: str | None, note: str | None, tx: Tx, actor: Actor
) -> Referral:
    """Finish with an outcome; the case closes with it when no other leg is open."""
    referral, by = await taken_up(tx, actor, act)
    referral.complete(by, outcome=outcome, service=service, note=note)
    case = await leg_ended(referral, outcome, tx=tx)
    await referrals.save(tx, referral, cases=[case])
    return referral
