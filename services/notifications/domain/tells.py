"""Who is told what about a referral: one table, total over the events of cases."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.contracts import cases
from shared.contracts.codes import Confidentiality, ReferralStatus
from shared.contracts.envelope import EventData
from shared.reference.areas import label_of


class Party(StrEnum):
    """Whose side of a referral a person is on."""

    SENDER = "sender"
    HOLDER = "holder"
    POOL = "pool"
    """Those the referral waits for; nobody once it is held or given back."""
    PREVIOUS = "previous"
    """Those it was sent to, or who held it, before this step; not who holds it now."""
    TOLD = "told"
    """Those the event itself names."""


class NoticeKind(StrEnum):
    """What a notice is about."""

    REFERRAL_NEW = "referral_new"
    FAMILIES_NEW = "families_new"
    """Many referrals of one batch from one disaster site, told once."""
    REFERRAL_ACCEPTED = "referral_accepted"
    REFERRAL_TAKEN = "referral_taken"
    REFERRAL_STARTED = "referral_started"
    REFERRAL_NOTED = "referral_noted"
    REFERRAL_COMPLETED = "referral_completed"
    REFERRAL_RETURNED = "referral_returned"
    REFERRAL_RESENT = "referral_resent"
    REFERRAL_ASSIGNED = "referral_assigned"
    REFERRAL_TAKEN_OVER = "referral_taken_over"
    REFERRAL_HELD = "referral_held"
    REFERRAL_RESUMED = "referral_resumed"
    REFERRAL_REROUTED = "referral_rerouted"
    REFERRAL_RECALLED = "referral_recalled"
    REFERRAL_CANCELLED = "referral_cancelled"
    REFERRAL_CORRECTED = "referral_corrected"
    REFERRAL_REMINDED = "referral_reminded"
    REFERRAL_ESCALATED = "referral_escalated"
    GLASS_BROKEN = "glass_broken"


@dataclass(frozen=True, slots=True)
class Tell:
    """These parties get a notice of this kind; the title knows a number and no person."""

    to: tuple[Party, ...]
    kind: NoticeKind
    title: str


@dataclass(frozen=True, slots=True)
class Hands:
    """In whose hands a referral was before a step."""

    holder_id: UUID | None
    pool: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Message:
    """One notice to be given to one person."""

    recipient_id: UUID
    kind: NoticeKind
    title: str


TELLS: Final[Mapping[type[EventData], tuple[Tell, ...]]] = {
    cases.CaseOpened: (),
    cases.CaseClosed: (),
    cases.CaseReopened: (),
    cases.CasePhaseChanged: (),
    cases.ReferralSent: (
        Tell((Party.HOLDER, Party.POOL), NoticeKind.REFERRAL_NEW, "{referral} baru {number}"),
    ),
    # The sender reads in the ledger that it was opened; a notice would only repeat it.
    cases.ReferralSeen: (),
    cases.ReferralAccepted: (
        Tell((Party.SENDER,), NoticeKind.REFERRAL_ACCEPTED, "{referral} {number} diterima"),
        Tell(
            (Party.PREVIOUS,),
            NoticeKind.REFERRAL_TAKEN,
            "{referral} {number} sudah diterima rekan lain",
        ),
    ),
    cases.ReferralStarted: (
        Tell((Party.SENDER,), NoticeKind.REFERRAL_STARTED, "{referral} {number} mulai ditangani"),
    ),
    cases.ReferralNoted: (
        Tell(
            (Party.SENDER, Party.HOLDER, Party.POOL, Party.TOLD),
            NoticeKind.REFERRAL_NOTED,
            "{referral} {number} mendapat catatan baru",
        ),
    ),
    cases.ReferralCompleted: (
        Tell((Party.SENDER,), NoticeKind.REFERRAL_COMPLETED, "{referral} {number} selesai"),
    ),
    cases.ReferralReturned: (
        Tell(
            (Party.SENDER,),
            NoticeKind.REFERRAL_RETURNED,
            "{referral} {number} dikembalikan, perlu tindak lanjut Anda",
        ),
    ),
    cases.ReferralResent: (
        Tell(
            (Party.HOLDER, Party.POOL),
            NoticeKind.REFERRAL_RESENT,
            "{referral} {number} dikirim kembali",
        ),
    ),
    cases.ReferralAssigned: (
        Tell((Party.HOLDER,), NoticeKind.REFERRAL_ASSIGNED, "{referral} {number} untuk Anda"),
        Tell(
            (Party.PREVIOUS,),
            NoticeKind.REFERRAL_TAKEN_OVER,
            "{referral} {number} diserahkan kepada rekan lain",
        ),
        Tell((Party.SENDER,), NoticeKind.REFERRAL_ACCEPTED, "{referral} {number} diterima"),
    ),
    cases.ReferralHeld: (
        Tell((Party.SENDER,), NoticeKind.REFERRAL_HELD, "{referral} {number} ditunda"),
    ),
    cases.ReferralResumed: (
        Tell(
            (Party.HOLDER, Party.SENDER),
            NoticeKind.REFERRAL_RESUMED,
            "{referral} {number} dilanjutkan",
        ),
    ),
    cases.ReferralRerouted: (
        Tell(
            (Party.SENDER, Party.HOLDER, Party.PREVIOUS),
            NoticeKind.REFERRAL_REROUTED,
            "{referral} {number} dialihkan",
        ),
    ),
    cases.ReferralRecalled: (
        Tell(
            (Party.HOLDER, Party.PREVIOUS),
            NoticeKind.REFERRAL_RECALLED,
            "{referral} {number} ditarik kembali oleh pengirim",
        ),
    ),
    cases.ReferralCancelled: (
        Tell(
            (Party.SENDER, Party.HOLDER, Party.PREVIOUS),
            NoticeKind.REFERRAL_CANCELLED,
            "{referral} {number} dibatalkan",
        ),
    ),
    cases.ReferralCorrected: (
        Tell(
            (Party.SENDER, Party.HOLDER, Party.PREVIOUS),
            NoticeKind.REFERRAL_CORRECTED,
            "{referral} {number} dinyatakan salah entri",
        ),
    ),
    cases.ReferralReminded: (
        Tell(
            (Party.TOLD,),
            NoticeKind.REFERRAL_REMINDED,
            "{referral} {number} mendekati tenggat",
        ),
    ),
    cases.ReferralEscalated: (
        Tell((Party.TOLD,), NoticeKind.REFERRAL_ESCALATED, "{referral} {number} lewat tenggat"),
    ),
    # Whoever plans next plans with it; nobody has anything to do.
    cases.RuleChanged: (),
    cases.GlassBroken: (
        Tell((Party.TOLD,), NoticeKind.GLASS_BROKEN, "{referral} {number} dibuka secara darurat"),
    ),
}

OF_A_BATCH: Final = Tell(
    (Party.HOLDER, Party.POOL),
    NoticeKind.FAMILIES_NEW,
    "{families} keluarga baru di lokasi bencana {place}",
)
"""In place of `ReferralSent`'s for referrals that are news together."""

_REFERRAL: Final = {
    Confidentiality.C1: "Rujukan",
    Confidentiality.C2: "Rujukan",
    Confidentiality.C3: "Rujukan layanan khusus",
}


def messages(state: cases.ReferralState, before: Hands | None) -> list[Message]:
    """The notices a step of a referral calls for: one a person, none for who took the step."""
    told = {state.actor_id}
    found: list[Message] = []
    group = group_of(state)
    for tell in (OF_A_BATCH,) if group else TELLS[type(state)]:
        title = (
            tell.title.format(families=group.families, place=label_of(group.area))
            if group
            else tell.title.format(
                referral=_REFERRAL[state.confidentiality], number=state.case_number
            )
        )
        for party in tell.to:
            for person in _people(party, state, before):
                if person not in told:
                    told.add(person)
                    found.append(Message(person, tell.kind, title))
    return found


def group_of(state: cases.ReferralState) -> cases.ReferralGroup | None:
    """The batch this referral is news with; None when it is news by itself."""
    group = state.group if isinstance(state, cases.ReferralSent) else None
    return group if group and group.families > 1 else None


def notice_id_in(group: cases.ReferralGroup, recipient_id: UUID) -> UUID:
    """The one notice of a batch for a person: the same whichever referral of it is heard first.

    It begins as the batch's own id does, with the time, by which notices are listed.
    """
    rest = hashlib.sha256(group.id.bytes + recipient_id.bytes).digest()
    return UUID(bytes=group.id.bytes[:8] + rest[:8])


def relieved(state: cases.ReferralState, before: Hands | None) -> list[UUID]:
    """Those from whose hands an assignment took the referral: what they were told is settled."""
    if not isinstance(state, cases.ReferralAssigned):
        return []
    earlier = _people_in(before) if before else []
    everyone = dict.fromkeys((state.previous_id, *earlier))
    return [one for one in everyone if one is not None and one != state.holder_id]


def watchers(state: cases.ReferralState, before: Hands | None) -> list[UUID]:
    """Everyone whose list shows this referral now, or showed it until this step.

    Without a state before, those it was sent to: whoever held it meanwhile is unknown.
    """
    after = hands_after(state)
    earlier = before or Hands(None, state.pool)
    return list(dict.fromkeys((state.sender_id, *_people_in(after), *_people_in(earlier))))


def hands_after(state: cases.ReferralState) -> Hands:
    """In whose hands this step leaves the referral; the event names its pool even when held."""
    waits = state.status is ReferralStatus.SENT
    return Hands(state.holder_id, state.pool if waits else [])


def _people(party: Party, state: cases.ReferralState, before: Hands | None) -> Sequence[UUID]:
    match party:
        case Party.SENDER:
            return [state.sender_id]
        case Party.HOLDER:
            return [state.holder_id] if state.holder_id else []
        case Party.POOL:
            return hands_after(state).pool
        case Party.PREVIOUS:
            return [person for person in _previous(state, before) if person != state.holder_id]
        case Party.TOLD:
            told: Sequence[UUID] = getattr(state, "told", [])
            return told


def _previous(state: cases.ReferralState, before: Hands | None) -> Sequence[UUID]:
    # Where one worker gave it to another, the pool had no part in it.
    if isinstance(state, cases.ReferralAssigned) and state.previous_id:
        return [state.previous_id]
    # The event's own pool makes the answer the same in whatever order events come.
    return [*(_people_in(before) if before else ()), *state.pool]


def _people_in(hands: Hands) -> list[UUID]:
    return [*([hands.holder_id] if hands.holder_id else []), *hands.pool]
