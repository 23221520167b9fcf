"""What registry does when cases speaks."""

from typing import Final

from services.registry.use_cases.follow_referral import follow_referral
from shared.contracts.cases import (
    ReferralAccepted,
    ReferralCompleted,
    ReferralResent,
    ReferralReturned,
    ReferralSent,
    ReferralStarted,
)
from shared.messaging.inbox import Reactions

REACTIONS: Final[Reactions] = {
    ReferralSent: follow_referral,
    ReferralAccepted: follow_referral,
    ReferralStarted: follow_referral,
    ReferralReturned: follow_referral,
    ReferralResent: follow_referral,
    ReferralCompleted: follow_referral,
}
