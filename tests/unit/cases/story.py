"""A referral and its people, as the tests of the domain tell it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.cases.domain.clocks import Clocks, Limits
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import FINAL, Relation, Verb
from services.cases.domain.steps import By
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
PAUSE, GLASS = timedelta(hours=6), timedelta(hours=3)
COLLEAGUE = UUID(int=99)
"""Whom a coordinator assigns work to."""
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
        clocks = replace(clocks, paused_at=NOON)
    if status is ReferralStatus.ON_HOLD:
        clocks = replace(clocks, reply_by=None, paused_at=NOON, hold_until=NOON + PAUSE)
    if status in FINAL:
        clocks = Clocks()
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


def by(worker: UUID, *relations: Relation, now: datetime = NOON) -> By:
    """The worker acting as TKSK, standing to the referral as named."""
    return By(worker, "TKSK", DISTRICT, frozenset(relations), now)


DONE: Mapping[Verb, Callable[[Referral, By], object]] = {
    Verb.SEND: lambda one, by: one.send(by),
    Verb.SEE: lambda one, by: one.see(by),
    Verb.ACCEPT: lambda one, by: one.accept(by),
    Verb.ASSIGN: lambda one, by: one.assign(by, COLLEAGUE),
    Verb.HAND_OVER: lambda one, by: one.hand_over(by, COLLEAGUE),
    Verb.START: lambda one, by: one.start(by),
    Verb.NOTE: lambda one, by: one.add_note(by, "Sudah ditemui.", {}),
    Verb.HOLD: lambda one, by: one.hold(by, reason="Menunggu hujan reda.", until=by.now + PAUSE),
    Verb.RESUME: lambda one, by: one.resume(by),
    Verb.COMPLETE: lambda one, by: one.complete(
        by, outcome=Outcome.NEED_MET, service=None, note=None
    ),
    Verb.RETURN: lambda one, by: one.give_back(by, reason=ReturnReason.CAPACITY, note=None),
    Verb.RESEND: lambda one, by: one.resend(by, change="Alamat dilengkapi."),
    Verb.REROUTE: lambda one, by: one.reroute(by, uuid4()),
    Verb.RECALL: lambda one, by: one.recall(by, reason="Sudah ditangani keluarga."),
    Verb.CANCEL: lambda one, by: one.cancel(by, reason="Kebutuhan sudah tidak ada."),
    Verb.CORRECT: lambda one, by: one.correct(by, reason="Salah orang."),
    Verb.BREAK_GLASS: lambda one, by: one.break_glass(
        by, reason="Nyawa terancam.", until=by.now + GLASS, officers=[]
    ),
}
"""How each verb is done; alarms are rung and never done."""


def do(verb: Verb, one: Referral, actor: By, now: datetime = NOON) -> None:
    """Do a verb with everything it must be given."""
    DONE[verb](one, replace(actor, now=now))
