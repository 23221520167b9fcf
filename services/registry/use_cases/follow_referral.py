"""React to a referral's step: who may read the record for it, and what it achieved."""

from typing import Final

from services.registry.storage import referral_effects
from shared.contracts.cases import ReferralCompleted, ReferralState
from shared.contracts.codes import ReferralStatus
from shared.contracts.envelope import Event
from shared.database import Tx

_UNDER_WAY: Final = frozenset(
    {
        ReferralStatus.SENT,
        ReferralStatus.ACCEPTED,
        ReferralStatus.IN_PROGRESS,
        ReferralStatus.ON_HOLD,
    }
)
_ENDED: Final = frozenset(
    {
        ReferralStatus.COMPLETED,
        ReferralStatus.REROUTED,
        ReferralStatus.RECALLED,
        ReferralStatus.CANCELLED,
        ReferralStatus.ENTERED_IN_ERROR,
    }
)


async def follow_referral(event: Event, tx: Tx) -> None:
    """The holder, or the receiver named by the sender, may read the record while it is under way.

    Each event states the whole referral, so the newest one alone decides and a late older one
    changes nothing.
    """
    referral = event.data
    assert isinstance(referral, ReferralState)
    under_way = referral.status in _UNDER_WAY
    await referral_effects.set_grant(
        tx,
        referral_id=referral.referral_id,
        beneficiary_id=referral.beneficiary_id,
        worker_id=referral.holder_id if under_way else None,
        safe_contact_only=referral.safe_contact_only,
        version=event.subjectversion,
        is_open=referral.status not in _ENDED,
    )
    if isinstance(referral, ReferralCompleted):
        await referral_effects.add_service(
            tx, referral, version=event.subjectversion, at=event.time
        )
