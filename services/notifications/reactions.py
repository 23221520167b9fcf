"""What notifications does when other services speak."""

from typing import Final

from services.notifications.use_cases import note_seen, note_worker, tell_named, tell_people
from shared.contracts import cases, directory, registry
from shared.messaging.inbox import Reactions

REACTIONS: Final[Reactions] = {
    directory.WorkerJoined: note_worker,
    directory.WorkerChanged: note_worker,
    directory.WorkerAbsent: note_worker,
    directory.WorkerLeft: note_worker,
    cases.ReferralSent: tell_people,
    cases.ReferralSeen: note_seen,
    cases.ReferralAccepted: tell_people,
    cases.ReferralStarted: tell_people,
    cases.ReferralNoted: tell_people,
    cases.ReferralCompleted: tell_people,
    cases.ReferralReturned: tell_people,
    cases.ReferralResent: tell_people,
    cases.ReferralAssigned: tell_people,
    cases.ReferralHeld: tell_people,
    cases.ReferralResumed: tell_people,
    cases.ReferralRerouted: tell_people,
    cases.ReferralRecalled: tell_people,
    cases.ReferralCancelled: tell_people,
    cases.ReferralCorrected: tell_people,
    cases.ReferralReminded: tell_people,
    cases.ReferralEscalated: tell_people,
    cases.GlassBroken: tell_people,
    registry.RequestReminded: tell_named,
    registry.ReportReceived: tell_named,
}
