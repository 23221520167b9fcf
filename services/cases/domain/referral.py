"""The referral: one leg of help, from a sender to a pool, a person or an outside service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.cases.domain.clocks import Alarm, Clocks, Limits, Stage
from services.cases.domain.errors import (
    AlreadyAccepted,
    ReasonMissing,
    TimeImplausible,
    TransitionNotAllowed,
)
from services.cases.domain.flags import Bind, binds, require_kept_on_completing, require_no_number
from services.cases.domain.legs import LegRole
from services.cases.domain.referral_status import (
    FINAL,
    TRANSITIONS,
    Relation,
    Verb,
    allowed,
    next_status,
)
from services.cases.domain.steps import By, Step
from shared.contracts import cases as said
from shared.contracts.codes import (
    Confidentiality,
    Deadline,
    LegalBasis,
    Outcome,
    ReferralStatus,
    ReturnReason,
    Urgency,
)
from shared.reference.working_days import Calendar

COORDINATOR_LEVEL: Final = 1
DINSOS_LEVEL: Final = 2
ELSEWHERE_LEVEL: Final = 3


@dataclass(frozen=True, slots=True)
class Above:
    """Who stands above the receivers of a referral, nearest first, for escalations."""

    coordinators: Sequence[UUID]
    dinsos: Sequence[UUID]


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
    """Who would be told while nobody holds it, when that was last looked up."""
    limits: Limits
    role: LegRole = LegRole.PRIMARY
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What the sender told the routing rules, kept so that a changed rule can be tried on it."""
    reported_urgency: Urgency | None = None
    service_id: UUID | None = None
    """The outside service it goes to; its sender keeps the status."""
    named: tuple[UUID, ...] = ()
    """Further persons who may know of it: those an escalation of a C3 need named."""
    rerouted_from: UUID | None = None
    status: ReferralStatus = ReferralStatus.SENT
    version: int = 0
    clocks: Clocks = field(default_factory=Clocks)
    holder_id: UUID | None = None
    seen_at: datetime | None = None
    sent_at: datetime | None = None
    replied_at: datetime | None = None
    """When somebody first took it or gave it back, since it was last sent."""
    ended_at: datetime | None = None
    escalation_level: int = 0
    steps: list[Step] = field(default_factory=list)
    facts: list[said.ReferralState] = field(default_factory=list)

    @property
    def named_only(self) -> bool:
        """Whether nobody but a person named is told of it."""
        return self.confidentiality is Confidentiality.C3 or binds(self.flags, Bind.NAMED_ONLY)

    @property
    def waits_for_receivers(self) -> bool:
        """Whether it is with those of its pool, or the person named, and nobody has answered."""
        return self.status is ReferralStatus.SENT and self.service_id is None

    @property
    def calendar(self) -> Calendar:
        """How its deadlines are counted."""
        return self.limits.calendar(self.place)

    @property
    def alarm_at(self) -> datetime | None:
        """When the clock next has something to say about it."""
        return self.clocks.next_alarm_at(self.limits, self.calendar)

    def send(self, by: By, group: said.ReferralGroup | None = None) -> None:
        """Leave the sender, perhaps as one of many; the clocks start."""
        self.sent_at = by.now
        self._step(Verb.SEND, by, fact={"group": group} if group else None)

    def see(self, by: By) -> bool:
        """Note that a receiver has opened it; only the first counts. Whether this was the first."""
        if self.seen_at is not None or self.status is not ReferralStatus.SENT:
            return False
        self.require_allowed(Verb.SEE, by)
        self.seen_at = by.now
        self._step(Verb.SEE, by)
        return True

    def accept(self, by: By) -> None:
        """Take it; raises `AlreadyAccepted` for everybody after the first."""
        held_by_another = self.holder_id is not None and self.holder_id != by.worker_id
        if held_by_another and Relation.RECEIVER in by.relations:
            assert self.holder_id is not None
            raise AlreadyAccepted(holder_id=self.holder_id, pillar=self.pillar)
        self.require_allowed(Verb.ACCEPT, by)
        self.holder_id = by.worker_id
        self.seen_at = self.seen_at or by.now
        self._step(Verb.ACCEPT, by)

    def assign(self, by: By, worker_id: UUID, *, note: str | None = None) -> None:
        """Give it to one worker, whoever held it before."""
        self.require_allowed(Verb.ASSIGN, by)
        previous = self.holder_id
        self.holder_id = worker_id
        if self.worker_id is not None:
            # Whoever was named before is not one of its persons any more.
            self.worker_id = worker_id
        self._step(Verb.ASSIGN, by, note=note, subject_id=worker_id, fact={"previous_id": previous})

    def hand_over(self, by: By, worker_id: UUID, *, note: str | None = None) -> None:
        """Give what is put off to another worker; it stays put off until the stated time."""
        self.require_allowed(Verb.HAND_OVER, by)
        previous = self.holder_id
        self.holder_id = worker_id
        fact = {"previous_id": previous}
        self._step(Verb.HAND_OVER, by, note=note, subject_id=worker_id, fact=fact)

    def start(self, by: By) -> None:
        """Begin to act."""
        self.require_allowed(Verb.START, by)
        self._step(Verb.START, by)

    def add_note(self, by: By, text: str, stand_ins: Mapping[UUID, UUID]) -> None:
        """Tell the other side something, and who stands in for an absent holder."""
        self.require_allowed(Verb.NOTE, by)
        told = self._standing_in([self.holder_id] if self.holder_id else [], stand_ins)
        self._step(Verb.NOTE, by, note=text, fact={"told": told})

    def hold(self, by: By, *, reason: str, until: datetime) -> None:
        """Put it off; act-by and close-by stand still until it is resumed."""
        self.require_allowed(Verb.HOLD, by)
        if until <= by.now:
            raise TimeImplausible("Waktu lanjut harus di masa depan.", "/until")
        self._step(Verb.HOLD, by, note=reason, until=until, fact={"until": until})

    def resume(self, by: By) -> None:
        """Go on."""
        self.require_allowed(Verb.RESUME, by)
        self._step(Verb.RESUME, by)

    def complete(self, by: By, *, outcome: Outcome, service: str | None, note: str | None) -> None:
        """Finish with an outcome; anything but a need met asks for a note."""
        self.require_allowed(Verb.COMPLETE, by)
        if outcome is not Outcome.NEED_MET and not note:
            raise ReasonMissing("Jelaskan hasilnya dalam catatan.", "/note")
        require_kept_on_completing(self.flags, service=service)
        fact = {"outcome": outcome, "service": None if self._speaks_low() else service}
        self._step(Verb.COMPLETE, by, note=note, outcome=outcome, service=service, fact=fact)

    def give_back(self, by: By, *, reason: ReturnReason, note: str | None) -> None:
        """Return it to the sender, who must act; `other` asks for a note."""
        self.require_allowed(Verb.RETURN, by)
        if reason is ReturnReason.OTHER and not note:
            raise ReasonMissing("Jelaskan alasannya dalam catatan.", "/note")
        self.holder_id = None
        self._step(Verb.RETURN, by, note=note, reason=reason, fact={"reason": reason})

    def resend(self, by: By, *, change: str) -> None:
        """Send it again to the same receivers, saying what changed."""
        self.require_allowed(Verb.RESEND, by)
        self.seen_at = None
        self.escalation_level = 0
        self._step(Verb.RESEND, by, note=change)

    def reroute(self, by: By, new_id: UUID, *, note: str | None = None) -> None:
        """End here; the referral `new_id` goes elsewhere in its place."""
        self.require_allowed(Verb.REROUTE, by)
        if Relation.CLOCK in by.relations:
            self.escalation_level = ELSEWHERE_LEVEL
        self._step(Verb.REROUTE, by, note=note, subject_id=new_id, fact={"new_referral_id": new_id})

    def recall(self, by: By, *, reason: str) -> None:
        """Take it back."""
        self.require_allowed(Verb.RECALL, by)
        self._step(Verb.RECALL, by, note=reason)

    def cancel(self, by: By, *, reason: str) -> None:
        """Call it off."""
        self.require_allowed(Verb.CANCEL, by)
        self._step(Verb.CANCEL, by, note=reason)

    def correct(self, by: By, *, reason: str) -> None:
        """Say that it should never have been entered."""
        self.require_allowed(Verb.CORRECT, by)
        self._step(Verb.CORRECT, by, note=reason)

    def break_glass(
        self, by: By, *, reason: str, until: datetime, officers: Sequence[UUID]
    ) -> None:
        """Let somebody outside the circle read it until then; the officers are told."""
        self.require_allowed(Verb.BREAK_GLASS, by)
        self._step(Verb.BREAK_GLASS, by, note=reason, fact={"until": until, "told": list(officers)})

    def ring(self, now: datetime, above: Above, stand_ins: Mapping[UUID, UUID]) -> bool:
        """Do what the alarms due at `now` ask: remind, escalate, resume.

        Of those who must do something the stand-ins of the absent are reminded too.
        Whether the last of them gave the receivers up: the referral must then go elsewhere.
        """
        by = By.clock(now)
        due = self.clocks.ringing(now, self.limits, self.calendar)
        self.clocks = self.clocks.rung(now)
        # Whoever is given up need not be reminded of anything else.
        given_up = [
            alarm
            for alarm in due
            if alarm.stage is Stage.GIVEN_UP and self.status is ReferralStatus.SENT
        ]
        for alarm in given_up or due:
            if alarm.deadline is Deadline.HOLD:
                self.resume(by)
            elif alarm.stage in {Stage.HALF, Stage.NINE_TENTHS}:
                responsible = self._responsible()
                told = [*responsible, *self._standing_in(responsible, stand_ins)]
                self._alarm(Verb.REMIND, by, alarm, list(dict.fromkeys(told)))
            else:
                self._escalate(by, alarm, above)
        return bool(given_up)

    def require_allowed(self, verb: Verb, by: By) -> None:
        """Raise `TransitionNotAllowed` unless this verb is open to them now."""
        open_verbs = self.allowed_to(by.relations)
        if verb not in open_verbs:
            raise TransitionNotAllowed(
                status_now=self.status.value, allowed=[one.value for one in open_verbs]
            )

    def allowed_to(self, relations: frozenset[Relation]) -> list[Verb]:
        """The verbs open to somebody now."""
        return allowed(self.status, relations, seen=self.seen_at is not None)

    def _speaks_low(self) -> bool:
        """Whether its events name neither category nor service."""
        return self.confidentiality is not Confidentiality.C1 or binds(
            self.flags, Bind.NO_CATEGORY_OUTSIDE
        )

    def _standing_in(self, people: Sequence[UUID], stand_ins: Mapping[UUID, UUID]) -> list[UUID]:
        """Who acts for these people now; nobody where only named persons may know of it."""
        if self.confidentiality is Confidentiality.C3:
            return []
        return [stand_ins[one] for one in people if one in stand_ins]

    def _responsible(self) -> list[UUID]:
        """Who should do the next thing."""
        if self.holder_id is not None:
            return [self.holder_id]
        if self.status is ReferralStatus.RETURNED or self.service_id is not None:
            return [self.sender_id]
        return list(self.pool)

    def _escalate(self, by: By, alarm: Alarm, above: Above) -> None:
        to_coordinator = alarm.stage is Stage.MISSED and bool(above.coordinators)
        told = list(above.coordinators if to_coordinator else above.dinsos)
        if self.confidentiality is Confidentiality.C3:
            # Never a group: one more person by name.
            told = told[:1]
            self.named = tuple(dict.fromkeys((*self.named, *told)))
        level = COORDINATOR_LEVEL if to_coordinator else DINSOS_LEVEL
        self.escalation_level = max(self.escalation_level, level)
        self._alarm(Verb.ESCALATE, by, alarm, told)

    def _alarm(self, verb: Verb, by: By, alarm: Alarm, told: list[UUID]) -> None:
        self._step(
            verb,
            by,
            reason=alarm.deadline,
            fact={"deadline": alarm.deadline, "due_at": alarm.due_at, "told": told},
        )

    def _step(
        self,
        verb: Verb,
        by: By,
        *,
        note: str | None = None,
        reason: ReturnReason | Deadline | None = None,
        outcome: Outcome | None = None,
        service: str | None = None,
        subject_id: UUID | None = None,
        until: datetime | None = None,
        fact: Mapping[str, Any] | None = None,
    ) -> None:
        """Change the state and state the fact: one act."""
        require_no_number(self.flags, note)
        row = TRANSITIONS[verb]
        if verb is not Verb.SEND:
            status = next_status(self.status, verb)
            assert status is not None, "checked by _require"
            self.status = status
        self.version += 1
        self._move_clocks(verb, by, until)
        self.steps.append(
            Step(
                version=self.version,
                verb=verb,
                status=self.status,
                at=by.now,
                occurred_at=by.occurred_at or by.now,
                actor_id=by.worker_id,
                acting_pillar=by.pillar,
                acting_area=by.area,
                note=note,
                reason=reason,
                outcome=outcome,
                service=service,
                subject_id=subject_id,
            )
        )
        self._state(row.event, by, fact or {})

    def _move_clocks(self, verb: Verb, by: By, until: datetime | None) -> None:
        self.clocks = self.clocks.after(
            TRANSITIONS[verb].clocks,
            now=by.now,
            limits=self.limits,
            calendar=self.calendar,
            until=until,
        )
        if self.status is ReferralStatus.IN_PROGRESS and Relation.HOLDER in by.relations:
            self.clocks = self.clocks.acted()
        if verb in {Verb.SEND, Verb.RESEND}:
            self.replied_at = None
        elif verb in {Verb.ACCEPT, Verb.ASSIGN, Verb.RETURN}:
            self.replied_at = self.replied_at or by.now
        if self.status in FINAL:
            self.ended_at = self.ended_at or by.now

    def _state(self, event: type[said.ReferralState], by: By, extra: Mapping[str, Any]) -> None:
        self.facts.append(
            event(
                referral_id=self.id,
                case_id=self.case_id,
                case_number=self.case_number,
                beneficiary_id=self.beneficiary_id,
                status=self.status,
                pillar=self.pillar,
                area=self.area,
                organisation_id=self.organisation_id,
                category=None if self._speaks_low() else self.category,
                urgency=self.urgency,
                confidentiality=self.confidentiality,
                sender_id=self.sender_id,
                holder_id=self.holder_id,
                actor_id=by.worker_id,
                pool=list(self.pool),
                escalation_level=self.escalation_level,
                reply_by=self.clocks.reply_by,
                act_by=self.clocks.act_by,
                close_by=self.clocks.close_by,
                safe_contact_only=binds(self.flags, Bind.SAFE_CONTACT),
                **extra,
            )
        )
