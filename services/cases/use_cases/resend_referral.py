"""Send a returned referral again."""

from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Verb
from services.cases.domain.routing import warnings_of
from services.cases.storage import referrals
from services.cases.use_cases.access import Act, taken_up
from services.cases.use_cases.refresh_pools import refresh_pools
from shared.auth import Actor
from shared.database import Tx


async def resend_referral(
    act: Act, *, change: str, tx: Tx, actor: Actor
) -> tuple[Referral, tuple[str, ...]]:
    """Send it again to those who receive now, saying what changed; the reply-by clock starts anew.

    The words warn the sender when nobody would read it.
    """
    referral, by = await taken_up(tx, actor, act)
    referral.require_allowed(Verb.RESEND, by)
    warnings: tuple[str, ...] = ()
    if referral.service_id is None:
        (leg,) = await refresh_pools([referral], tx=tx)
        warnings = warnings_of(leg)
    referral.resend(by, change=change)
    await referrals.save(tx, referral)
    return referral, warnings
