"""Complete a referral, and its case when this was the last leg."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.contracts.codes import Outcome
from shared.database import Tx


async def complete_referral(
    act: Act, *, outcome: Outcome, service: str | None, note: str | None, tx: Tx, actor: Actor
) -> Referral:
    """Finish with an outcome; the case closes with it when no other leg is open."""
    referral, by = await taken_up(tx, actor, act)
    referral.complete(
        by, outcome=outcome, service=service, note=note, now=tx.now, occurred_at=act.occurred_at
    )
    # The case's lock makes two last legs that end together take turns.
    case = await referrals.get_case_for_update(tx, referral.case_id)
    if case is not None and case.is_open and not await referrals.other_open_legs(tx, referral):
        case.close(outcome, now=tx.now)
    await referrals.save(tx, referral, case)
    return referral
