"""Add a note to a referral."""

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.database import Tx


async def note_referral(act: Act, *, text: str, tx: Tx, actor: Actor) -> Referral:
    """Tell the other side something; the text stays with cases, the event only says that."""
    referral, by = await taken_up(tx, actor, act)
    referral.add_note(by, text, now=tx.now, occurred_at=act.occurred_at)
    await referrals.save(tx, referral)
    return referral
