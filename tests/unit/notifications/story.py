"""A referral's life as cases would tell it, for the tests of notifications."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contracts import cases
from shared.contracts.codes import (
    Confidentiality,
    Deadline,
    Outcome,
    ReferralStatus,
    ReturnReason,
    Urgency,
)
from shared.contracts.envelope import Event
from shared.ids import new_id

NUMBER = "RJ-35.08-2026-000123"
MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATUS = {
    cases.ReferralSent: ReferralStatus.SENT,
    cases.ReferralSeen: ReferralStatus.SENT,
    cases.ReferralAccepted: ReferralStatus.ACCEPTED,
    cases.ReferralStarted: ReferralStatus.IN_PROGRESS,
    cases.ReferralNoted: ReferralStatus.IN_PROGRESS,
    cases.ReferralCompleted: ReferralStatus.COMPLETED,
    cases.ReferralReturned: ReferralStatus.RETURNED,
    cases.ReferralResent: ReferralStatus.SENT,
    cases.ReferralAssigned: ReferralStatus.ACCEPTED,
    cases.ReferralHeld: ReferralStatus.ON_HOLD,
    cases.ReferralResumed: ReferralStatus.IN_PROGRESS,
    cases.ReferralRerouted: ReferralStatus.REROUTED,
    cases.ReferralRecalled: ReferralStatus.RECALLED,
    cases.ReferralCancelled: ReferralStatus.CANCELLED,
    cases.ReferralCorrected: ReferralStatus.ENTERED_IN_ERROR,
    cases.ReferralReminded: ReferralStatus.IN_PROGRESS,
    cases.ReferralEscalated: ReferralStatus.IN_PROGRESS,
    cases.GlassBroken: ReferralStatus.IN_PROGRESS,
}
OVERSEER = UUID(int=77)
"""Whom an alarm or an emergency names, outside the circle of the referral."""
EXTRA: dict[type[cases.ReferralState], dict[str, Any]] = {
    cases.ReferralCompleted: {"outcome": Outcome.NEED_MET},
    cases.ReferralReturned: {"reason": ReturnReason.CAPACITY},
    cases.ReferralAssigned: {"previous_id": None},
    cases.ReferralHeld: {"until": MOMENT},
    cases.ReferralRerouted: {"new_referral_id": UUID(int=8)},
    cases.ReferralReminded: {"deadline": Deadline.ACT, "due_at": MOMENT, "told": [OVERSEER]},
    cases.ReferralEscalated: {"deadline": Deadline.ACT, "due_at": MOMENT, "told": [OVERSEER]},
    cases.GlassBroken: {"until": MOMENT, "told": [OVERSEER]},
}


@dataclass
class Story:
    """One referral: a sender, a pool of three of whom the first will hold it."""

    sender: UUID = field(default_factory=uuid.uuid4)
    pool: list[UUID] = field(default_factory=lambda: [uuid.uuid4() for _ in range(3)])
    referral_id: UUID = field(default_factory=new_id)
    case_id: UUID = field(default_factory=new_id)
    area: str = "35.08.03.2005"
    pillar: str = "TAGANA"
    confidentiality: Confidentiality = Confidentiality.C1
    version: int = 0

    @property
    def holder(self) -> UUID:
        return self.pool[0]

    def state(
        self, kind: type[cases.ReferralState], *, actor: UUID | None = None, **changes: Any
    ) -> cases.ReferralState:
        """What cases says at this step; the pool stays named when somebody holds it."""
        status = changes.pop("status", STATUS[kind])
        unheld = {ReferralStatus.SENT, ReferralStatus.RETURNED}
        is_by_sender = kind in {cases.ReferralSent, cases.ReferralResent}
        facts: dict[str, Any] = {
            "referral_id": self.referral_id,
            "case_id": self.case_id,
            "case_number": NUMBER,
            "beneficiary_id": self.case_id,
            "status": status,
            "pillar": self.pillar,
            "area": self.area,
            "category": "LUT" if self.confidentiality is Confidentiality.C1 else None,
            "urgency": Urgency.HIGH,
            "confidentiality": self.confidentiality,
            "sender_id": self.sender,
            "holder_id": None if status in unheld else self.holder,
            "actor_id": actor or (self.sender if is_by_sender else self.holder),
            "pool": self.pool,
            "reply_by": datetime.now(UTC),
            "act_by": None,
            "close_by": None,
            **EXTRA.get(kind, {}),
            **changes,
        }
        return kind(**facts)

    def event(
        self, kind: type[cases.ReferralState], *, actor: UUID | None = None, **changes: Any
    ) -> Event:
        """The next event of this referral."""
        self.version += 1
        return Event.stating(
            self.state(kind, actor=actor, **changes),
            event_id=new_id(),
            subject=self.referral_id,
            version=self.version,
            time=datetime.now(UTC),
            traceparent=None,
        )

    def whole(self) -> list[Event]:
        """From sent to completed, with one return on the way."""
        return [
            self.event(kind)
            for kind in (
                cases.ReferralSent,
                cases.ReferralSeen,
                cases.ReferralReturned,
                cases.ReferralResent,
                cases.ReferralAccepted,
                cases.ReferralStarted,
                cases.ReferralNoted,
                cases.ReferralCompleted,
            )
        ]
