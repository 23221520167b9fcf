"""Read one referral."""

from uuid import UUID

from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import may_read
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def read_referral(referral_id: UUID, *, tx: Tx, actor: Actor) -> Referral:
    """The referral, when it lies in the caller's scope; the read is audited."""
    referral = await referrals.get(tx, referral_id)
    if referral is None or not await may_read(tx, actor, referral):
        raise NotFound
    await audit.record(tx, actor, "referral.read", [referral.id])
    return referral
