"""The total table of a referral's life: which verb leads where, for whom, and what it tells.

Every status x verb pair has an answer here; nothing elsewhere decides what may follow.
Codes: HL7 Gravity SDOH Clinical Care (Task.status) and BSeR 2.0 (business status).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.contracts import cases as said
from shared.contracts.codes import ReferralStatus

S = ReferralStatus


class Verb(StrEnum):
    """What somebody can do with a referral."""

    SEND = "send"
    SEE = "see"
    ACCEPT = "accept"
    START = "start"
    NOTE = "note"
    COMPLETE = "complete"
    RETURN = "return"
    RESEND = "resend"
    ASSIGN = "assign"
    HAND_OVER = "hand_over"
    HOLD = "hold"
    RESUME = "resume"
    REROUTE = "reroute"
    RECALL = "recall"
    CANCEL = "cancel"
    CORRECT = "correct"
    REMIND = "remind"
    ESCALATE = "escalate"
    BREAK_GLASS = "break_glass"


class Relation(StrEnum):
    """How a caller stands to one referral."""

    SENDER = "sender"
    RECEIVER = "receiver"
    """A member of the pool, or the worker it was sent to by name."""
    HOLDER = "holder"
    COORDINATOR = "coordinator"
    """Coordinator of its pillar and area, or Dinsos of the area."""
    OVERSEER = "overseer"
    """May open it in an emergency although outside its circle."""
    CLOCK = "clock"
    """Nobody: a deadline passed."""


class ClockEffect(StrEnum):
    """What a verb does to the three deadlines."""

    START = "start"
    KEEP = "keep"
    REPLY_MET = "reply_met"
    ACT_MET = "act_met"
    PAUSE = "pause"
    HAND_BACK = "hand_back"
    """Pause, while the sender's own time to answer runs."""
    GO_ON = "go_on"
    RESTART_REPLY = "restart_reply"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table; `to` is None where the status stays as it is."""

    verb: Verb
    label: str
    label_en: str
    origins: frozenset[ReferralStatus]
    to: ReferralStatus | None
    actors: frozenset[Relation]
    clocks: ClockEffect
    event: type[said.ReferralState]


@dataclass(frozen=True, slots=True)
class StatusInfo:
    """How a status is shown and named in the standards."""

    label: str
    label_en: str
    final: bool
    gravity: str
    bser: str


STATUSES: Final[Mapping[ReferralStatus, StatusInfo]] = {
    S.SENT: StatusInfo("Terkirim", "Sent", False, "requested", "2.0"),
    S.ACCEPTED: StatusInfo("Diterima", "Accepted", False, "accepted", "3.0"),
    S.IN_PROGRESS: StatusInfo("Ditangani", "In progress", False, "in-progress", "5.1.1"),
    S.ON_HOLD: StatusInfo("Ditunda", "On hold", False, "on-hold", "5.1.1"),
    S.COMPLETED: StatusInfo("Selesai", "Completed", True, "completed", "7.0"),
    S.RETURNED: StatusInfo("Dikembalikan", "Returned", False, "rejected", "4.0"),
    S.REROUTED: StatusInfo("Dialihkan", "Rerouted", True, "cancelled", "6.0"),
    S.RECALLED: StatusInfo("Ditarik", "Recalled", True, "cancelled", "6.0"),
    S.CANCELLED: StatusInfo("Dibatalkan", "Cancelled", True, "cancelled", "6.0"),
    S.ENTERED_IN_ERROR: StatusInfo(
        "Salah entri", "Entered in error", True, "entered-in-error", "6.0"
    ),
}
FINAL: Final = frozenset(status for status, info in STATUSES.items() if info.final)
OPEN: Final = frozenset(STATUSES) - FINAL
GIVING: Final = frozenset({Verb.ASSIGN, Verb.HAND_OVER})
"""The verbs that give a referral to another worker."""


def _row(
    verb: Verb,
    labels: tuple[str, str],
    origins: set[ReferralStatus] | frozenset[ReferralStatus],
    to: ReferralStatus | None,
    actors: set[Relation],
    clocks: ClockEffect,
    event: type[said.ReferralState],
) -> Transition:
    return Transition(verb, *labels, frozenset(origins), to, frozenset(actors), clocks, event)


R = Relation
C = ClockEffect
_NOT_YET_CORRECTED: Final = frozenset(STATUSES) - {S.ENTERED_IN_ERROR}
TRANSITIONS: Final[Mapping[Verb, Transition]] = {
    row.verb: row
    for row in (
        _row(Verb.SEND, ("Kirim", "Send"), set(), S.SENT, {R.SENDER},
             C.START, said.ReferralSent),
        _row(Verb.SEE, ("Buka", "Open"), {S.SENT}, None, {R.RECEIVER},
             C.KEEP, said.ReferralSeen),
        _row(Verb.ACCEPT, ("Terima", "Accept"), {S.SENT}, S.ACCEPTED, {R.RECEIVER},
             C.REPLY_MET, said.ReferralAccepted),
        _row(Verb.ASSIGN, ("Tugaskan", "Assign"), {S.SENT, S.ACCEPTED, S.IN_PROGRESS},
             S.ACCEPTED, {R.COORDINATOR}, C.REPLY_MET, said.ReferralAssigned),
        _row(Verb.HAND_OVER, ("Serahkan", "Hand over"), {S.ON_HOLD}, None, {R.COORDINATOR},
             C.KEEP, said.ReferralAssigned),
        _row(Verb.START, ("Mulai tangani", "Start"), {S.ACCEPTED}, S.IN_PROGRESS, {R.HOLDER},
             C.ACT_MET, said.ReferralStarted),
        _row(Verb.NOTE, ("Tambah catatan", "Add a note"), OPEN, None,
             {R.HOLDER, R.SENDER, R.COORDINATOR}, C.KEEP, said.ReferralNoted),
        _row(Verb.HOLD, ("Tunda", "Put on hold"), {S.ACCEPTED, S.IN_PROGRESS}, S.ON_HOLD,
             {R.HOLDER}, C.PAUSE, said.ReferralHeld),
        _row(Verb.RESUME, ("Lanjutkan", "Resume"), {S.ON_HOLD}, S.IN_PROGRESS,
             {R.HOLDER, R.CLOCK}, C.GO_ON, said.ReferralResumed),
        _row(Verb.COMPLETE, ("Selesaikan", "Complete"), {S.ACCEPTED, S.IN_PROGRESS},
             S.COMPLETED, {R.HOLDER}, C.STOP, said.ReferralCompleted),
        _row(Verb.RETURN, ("Kembalikan", "Return"), {S.SENT, S.ACCEPTED, S.IN_PROGRESS},
             S.RETURNED, {R.RECEIVER, R.HOLDER}, C.HAND_BACK, said.ReferralReturned),
        _row(Verb.RESEND, ("Kirim ulang", "Send again"), {S.RETURNED}, S.SENT, {R.SENDER},
             C.RESTART_REPLY, said.ReferralResent),
        _row(Verb.REROUTE, ("Alihkan", "Reroute"), {S.SENT, S.ACCEPTED, S.RETURNED}, S.REROUTED,
             {R.SENDER, R.COORDINATOR, R.CLOCK}, C.STOP, said.ReferralRerouted),
        _row(Verb.RECALL, ("Tarik kembali", "Recall"), {S.SENT, S.ACCEPTED}, S.RECALLED,
             {R.SENDER}, C.STOP, said.ReferralRecalled),
        _row(Verb.CANCEL, ("Batalkan", "Cancel"), OPEN, S.CANCELLED,
             {R.SENDER, R.COORDINATOR}, C.STOP, said.ReferralCancelled),
        _row(Verb.CORRECT, ("Nyatakan salah entri", "Mark as entered in error"),
             _NOT_YET_CORRECTED, S.ENTERED_IN_ERROR, {R.COORDINATOR},
             C.STOP, said.ReferralCorrected),
        _row(Verb.REMIND, ("Ingatkan", "Remind"), OPEN, None, {R.CLOCK},
             C.KEEP, said.ReferralReminded),
        _row(Verb.ESCALATE, ("Eskalasi", "Escalate"), OPEN, None, {R.CLOCK},
             C.KEEP, said.ReferralEscalated),
        _row(Verb.BREAK_GLASS, ("Buka darurat", "Break the glass"), OPEN, None, {R.OVERSEER},
             C.KEEP, said.GlassBroken),
    )
}  # fmt: skip


def next_status(status: ReferralStatus, verb: Verb) -> ReferralStatus | None:
    """Where the verb leads from this status; None when it is not allowed there."""
    row = TRANSITIONS[verb]
    if status not in row.origins:
        return None
    return row.to or status


def allowed(status: ReferralStatus, relations: frozenset[Relation], *, seen: bool) -> list[Verb]:
    """The verbs open to somebody with these relations, in the order of the table."""
    return [
        verb
        for verb, row in TRANSITIONS.items()
        if status in row.origins
        and row.actors & relations
        and not (verb is Verb.SEE and seen)
        # Once somebody holds it, only the holder may give it back.
        and not (verb is Verb.RETURN and status is not S.SENT and Relation.HOLDER not in relations)
    ]
