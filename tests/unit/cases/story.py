"""A referral and its people, as the tests of the domain tell it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.cases.domain.clocks import Clocks, Limits
from services.cases.domain.referral import By, Referral
from services.cases.domain.referral_status import Relation, Verb
from shared.contracts.codes import (
    Confidentiality,
    LegalBasis,
    Outcome,
    ReferralStatus,
    ReturnReason,
    Urgency,
)

VILLAGE = "35.08.03.2005"
DISTRICT = "35.08.03"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPLY, ACT, CLOSE = timedelta(minutes=120), timedelta(hours=24), timedelta(days=7)
HELD = {ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS, ReferralStatus.ON_HOLD}


@dataclass(frozen=True, slots=True)
class People:
    """Who stands around one referral."""

    sender: UUID
    receiver: UUID
    other_receiver: UUID


def people() -> People:
    return People(uuid4(), uuid4(), uuid4())


def referral(who: People, **changes: Any) -> Referral:
    """A referral about to be sent by `who.sender` to the two receivers."""
    return Referral(
        **{
            "id": uuid4(),
            "case_id": uuid4(),
            "case_number": "RJ-35.08-2026-000001",
            "beneficiary_id": uuid4(),
            "pillar": "TKSK",
            "area": DISTRICT,
            "organisation_id": None,
            "worker_id": None,
            "sender_id": who.sender,
            "sender_pillar": "PSM",
            "sender_area": VILLAGE,
            "place": VILLAGE,
            "category": "GLD",
            "situation": "HOMELESS",
            "urgency": Urgency.HIGH,
            "confidentiality": Confidentiality.C1,
            "need": "Tidur di emper pasar.",
            "legal_basis": LegalBasis.PUBLIC_TASK,
            "rule_id": "R026",
            "reasons": ("Aturan R026.",),
            "flags": (),
            "pool": (who.receiver, who.other_receiver),
            "limits": Limits(REPLY, ACT, CLOSE),
            **changes,
        }
    )


def standing_at(status: ReferralStatus, who: People, **changes: Any) -> Referral:
    """A referral loaded in this status, its clocks as they would stand there."""
    clocks = Clocks(NOON + REPLY, NOON + ACT, NOON + CLOSE)
    if status is ReferralStatus.RETURNED:
        clocks = Clocks(None, NOON + ACT, NOON + CLOSE, paused_at=NOON)
    return referral(
        who,
        **{
            "status": status,
            "version": 5,
            "clocks": clocks,
            "holder_id": who.receiver if status in HELD else None,
            **changes,
        },
    )


def by(worker: UUID, *relations: Relation) -> By:
    """The worker acting as TKSK, standing to the referral as named."""
    return By(worker, "TKSK", DISTRICT, frozenset(relations))


def do(verb: Verb, one: Referral, actor: By, now: datetime = NOON) -> None:
    """Do a verb with everything it must be given."""
    match verb:
        case Verb.SEND:
            one.send(actor, now=now)
        case Verb.SEE:
            one.see(actor, now=now)
        case Verb.ACCEPT:
            one.accept(actor, now=now)
        case Verb.START:
            one.start(actor, now=now)
        case Verb.NOTE:
            one.add_note(actor, "Sudah ditemui.", now=now)
        case Verb.COMPLETE:
            one.complete(actor, outcome=Outcome.NEED_MET, service=None, note=None, now=now)
        case Verb.RETURN:
            one.give_back(actor, reason=ReturnReason.CAPACITY, note=None, now=now)
        case Verb.RESEND:
            one.resend(actor, change="Alamat dilengkapi.", now=now)
