"""What registry does when cases and directory speak."""

from typing import Final

from services.registry.use_cases.follow_referral import follow_referral
from services.registry.use_cases.remember_worker import remember_worker
from shared.contracts.cases import (
    ReferralAccepted,
    ReferralAssigned,
    ReferralCancelled,
    ReferralCompleted,
    ReferralCorrected,
    ReferralHeld,
    ReferralRecalled,
    ReferralRerouted,
    ReferralResent,
    ReferralResumed,
    ReferralReturned,
    ReferralSent,
    ReferralStarted,
)
from shared.contracts.directory import WorkerAbsent, WorkerChanged, WorkerJoined, WorkerLeft
from shared.messaging.inbox import Reactions

REACTIONS: Final[Reactions] = {
    ReferralSent: follow_referral,
    ReferralAccepted: follow_referral,
    ReferralStarted: follow_referral,
    ReferralReturned: follow_referral,
    ReferralResent: follow_referral,
    ReferralCompleted: follow_referral,
    ReferralAssigned: follow_referral,
    ReferralHeld: follow_referral,
    ReferralResumed: follow_referral,
    ReferralRerouted: follow_referral,
    ReferralRecalled: follow_referral,
    ReferralCancelled: follow_referral,
    ReferralCorrected: follow_referral,
    WorkerJoined: remember_worker,
    WorkerChanged: remember_worker,
    WorkerAbsent: remember_worker,
    WorkerLeft: remember_worker,
}
