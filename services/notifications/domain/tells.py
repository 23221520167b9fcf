"""Who is told what about a referral: one table, total over the events of cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.contracts import cases
from shared.contracts.codes import Confidentiality, ReferralStatus
from shared.contracts.envelope import EventData


class Party(StrEnum):
    """Whose side of a referral a person is on."""

    SENDER = "sender"
    HOLDER = "holder"
    POOL = "pool"
    """Those the referral waits for; nobody once it is held or given back."""
    PREVIOUS = "previous"
    """Those it was sent to, or who held it, before this step; not who holds it now."""


class NoticeKind(StrEnum):
    """What a notice is about."""

    REFERRAL_NEW = "referral_new"
    REFERRAL_ACCEPTED = "referral_accepted"
    REFERRAL_TAKEN = "referral_taken"
    REFERRAL_STARTED = "referral_started"
    REFERRAL_NOTED = "referral_noted"
    REFERRAL_COMPLETED = "referral_completed"
    REFERRAL_RETURNED = "referral_returned"
    REFERRAL_RESENT = "referral_resent"


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
            (Party.SENDER, Party.HOLDER, Party.POOL),
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
}

_REFERRAL: Final = {
    Confidentiality.C1: "Rujukan",
    Confidentiality.C2: "Rujukan",
    Confidentiality.C3: "Rujukan layanan khusus",
}


def messages(state: cases.ReferralState, before: Hands | None) -> list[Message]:
    """The notices a step of a referral calls for: one a person, none for who took the step."""
    people = _people(state, before)
    told = {state.actor_id}
    found: list[Message] = []
    for tell in TELLS[type(state)]:
        title = tell.title.format(
            referral=_REFERRAL[state.confidentiality], number=state.case_number
        )
        for party in tell.to:
            for person in people[party]:
                if person not in told:
                    told.add(person)
                    found.append(Message(person, tell.kind, title))
    return found


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


def _people(state: cases.ReferralState, before: Hands | None) -> Mapping[Party, Sequence[UUID]]:
    after = hands_after(state)
    # The event's own pool makes the answer the same in whatever order events come.
    earlier = (*(_people_in(before) if before else ()), *state.pool)
    return {
        Party.SENDER: [state.sender_id],
        Party.HOLDER: _people_in(Hands(after.holder_id, [])),
        Party.POOL: after.pool,
        Party.PREVIOUS: [person for person in earlier if person != after.holder_id],
    }


def _people_in(hands: Hands) -> list[UUID]:
    return [*([hands.holder_id] if hands.holder_id else []), *hands.pool]
