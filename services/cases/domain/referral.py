"""The referral: one leg of help, from a sender to a pool or a person."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.clocks import Clocks, Limits
from services.cases.domain.errors import AlreadyAccepted, ReasonMissing, TransitionNotAllowed
from services.cases.domain.referral_status import (
    TRANSITIONS,
    Relation,
    Verb,
    allowed,
    next_status,
)
from shared.contracts import cases as said
from shared.contracts.codes import (
    Confidentiality,
    LegalBasis,
    Outcome,
    ReferralStatus,
    ReturnReason,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, in which duty, and how they stand to the referral."""

    worker_id: UUID
    pillar: str
    area: str
    relations: frozenset[Relation]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a referral's history; `occurred_at` differs from `at` for acts done offline."""

    version: int
    verb: Verb
    status: ReferralStatus
    at: datetime
    occurred_at: datetime
    actor_id: UUID
    acting_pillar: str
    acting_area: str
    note: str | None = None
    reason: str | None = None
    outcome: Outcome | None = None
    service: str | None = None


@dataclass(slots=True)
class Referral:
    """A referral with what it states and the steps taken since it was loaded."""

    id: UUID
    case_id: UUID
    case_number: str
    beneficiary_id: UUID
    pillar: str
    area: str
    organisation_id: UUID | None
    worker_id: UUID | None
    """The receiver by name; None for a pool."""
    sender_id: UUID
    sender_pillar: str
    sender_area: str
    place: str
    """Where the need is; `area` is the receivers' and may be wider."""
    category: str
    situation: str
    urgency: Urgency
    confidentiality: Confidentiality
    need: str
    legal_basis: LegalBasis
    rule_id: str
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    pool: tuple[UUID, ...]
    limits: Limits
    status: ReferralStatus = ReferralStatus.SENT
    version: int = 0
    clocks: Clocks = field(default_factory=Clocks)
    holder_id: UUID | None = None
    seen_at: datetime | None = None
    sent_at: datetime | None = None
    steps: list[Step] = field(default_factory=list)
    facts: list[said.ReferralState] = field(default_factory=list)

    def send(self, by: By, *, now: datetime, occurred_at: datetime | None = None) -> None:
        """Leave the sender; the clocks start."""
        self.sent_at = now
        self._step(Verb.SEND, by, now, occurred_at)

    def see(self, by: By, *, now: datetime, occurred_at: datetime | None = None) -> bool:
        """Note that a receiver has opened it; only the first counts. Whether this was the first."""
        if self.seen_at is not None or self.status is not ReferralStatus.SENT:
            return False
        self._require(Verb.SEE, by)
        self.seen_at = now
        self._step(Verb.SEE, by, now, occurred_at)
        return True

    def accept(self, by: By, *, now: datetime, occurred_at: datetime | None = None) -> None:
        """Take it; raises `AlreadyAccepted` for everybody after the first."""
        if self.holder_id is not None and self.holder_id != by.worker_id and self._was_open_to(by):
            raise AlreadyAccepted(holder_id=self.holder_id, pillar=self.pillar)
        self._require(Verb.ACCEPT, by)
        self.holder_id = by.worker_id
        self.seen_at = self.seen_at or now
        self._step(Verb.ACCEPT, by, now, occurred_at)

    def start(self, by: By, *, now: datetime, occurred_at: datetime | None = None) -> None:
        """Begin to act."""
        self._require(Verb.START, by)
        self._step(Verb.START, by, now, occurred_at)

    def add_note(
        self, by: By, text: str, *, now: datetime, occurred_at: datetime | None = None
    ) -> None:
        """Tell the other side something."""
        self._require(Verb.NOTE, by)
        self._step(Verb.NOTE, by, now, occurred_at, note=text)

    def complete(
        self,
        by: By,
        *,
        outcome: Outcome,
        service: str | None,
        note: str | None,
        now: datetime,
        occurred_at: datetime | None = None,
    ) -> None:
        """Finish with an outcome; anything but a need met asks for a note."""
        self._require(Verb.COMPLETE, by)
        if outcome is not Outcome.NEED_MET and not note:
            raise ReasonMissing("Jelaskan hasilnya dalam catatan.", "/note")
        self._step(Verb.COMPLETE, by, now, occurred_at, note=note, outcome=outcome, service=service)

    def give_back(
        self,
        by: By,
        *,
        reason: ReturnReason,
        note: str | None,
        now: datetime,
        occurred_at: datetime | None = None,
    ) -> None:
        """Return it to the sender, who must act; `other` asks for a note."""
        self._require(Verb.RETURN, by)
        if reason is ReturnReason.OTHER and not note:
            raise ReasonMissing("Jelaskan alasannya dalam catatan.", "/note")
        self.holder_id = None
        self._step(Verb.RETURN, by, now, occurred_at, note=note, reason=reason)

    def resend(
        self, by: By, *, change: str, now: datetime, occurred_at: datetime | None = None
    ) -> None:
        """Send it again to the same receivers, saying what changed."""
        self._require(Verb.RESEND, by)
        self.seen_at = None
        self._step(Verb.RESEND, by, now, occurred_at, note=change)

    def allowed_to(self, relations: frozenset[Relation]) -> list[Verb]:
        """The verbs open to somebody now."""
        return allowed(self.status, relations, seen=self.seen_at is not None)

    def _was_open_to(self, by: By) -> bool:
        return Relation.RECEIVER in by.relations

    def _require(self, verb: Verb, by: By) -> None:
        open_verbs = self.allowed_to(by.relations)
        if verb not in open_verbs:
            raise TransitionNotAllowed(
                status_now=self.status.value, allowed=[one.value for one in open_verbs]
            )

    def _step(
        self,
        verb: Verb,
        by: By,
        now: datetime,
        occurred_at: datetime | None,
        *,
        note: str | None = None,
        reason: ReturnReason | None = None,
        outcome: Outcome | None = None,
        service: str | None = None,
    ) -> None:
        """Change the state and state the fact: one act."""
        row = TRANSITIONS[verb]
        if verb is not Verb.SEND:
            status = next_status(self.status, verb)
            assert status is not None, "checked by _require"
            self.status = status
        self.version += 1
        self.clocks = self.clocks.after(row.clocks, now=now, limits=self.limits)
        self.steps.append(
            Step(
                version=self.version,
                verb=verb,
                status=self.status,
                at=now,
                occurred_at=occurred_at or now,
                actor_id=by.worker_id,
                acting_pillar=by.pillar,
                acting_area=by.area,
                note=note,
                reason=reason,
                outcome=outcome,
                service=service,
            )
        )
        extra: dict[str, Any] = {}
        if verb is Verb.COMPLETE:
            extra = {"outcome": outcome, "service": service}
        elif verb is Verb.RETURN:
            extra = {"reason": reason}
        self.facts.append(
            row.event(
                referral_id=self.id,
                case_id=self.case_id,
                case_number=self.case_number,
                beneficiary_id=self.beneficiary_id,
                status=self.status,
                pillar=self.pillar,
                area=self.area,
                organisation_id=self.organisation_id,
                category=self.category if self.confidentiality is Confidentiality.C1 else None,
                urgency=self.urgency,
                confidentiality=self.confidentiality,
                sender_id=self.sender_id,
                holder_id=self.holder_id,
                actor_id=by.worker_id,
                pool=list(self.pool),
                reply_by=self.clocks.reply_by,
                act_by=self.clocks.act_by,
                close_by=self.clocks.close_by,
                **extra,
            )
        )
