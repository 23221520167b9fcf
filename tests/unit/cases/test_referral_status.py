"""The table of statuses and verbs, held to a second copy written by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, combinations
from uuid import UUID

import pytest

from services.cases.domain.errors import (
    AlreadyAccepted,
    ReasonMissing,
    TimeImplausible,
    TransitionNotAllowed,
)
from services.cases.domain.referral import Above, Referral
from services.cases.domain.referral_status import (
    FINAL,
    STATUSES,
    TRANSITIONS,
    Relation,
    Verb,
    allowed,
    next_status,
)
from services.cases.domain.steps import By
from shared.contracts.codes import Confidentiality, Outcome, ReferralStatus, ReturnReason
from tests.unit.cases.story import (
    ACT,
    CLOSE,
    COLLEAGUE,
    DONE,
    NOON,
    PAUSE,
    REPLY,
    by,
    do,
    people,
    referral,
    standing_at,
)

# The status now, the verb, who may, the status after. What is not here is refused.
TABLE = """
sent         see          receiver                     sent
sent         accept       receiver                     accepted
sent         assign       coordinator                  accepted
sent         note         holder sender coordinator    sent
sent         return       receiver holder              returned
sent         reroute      sender coordinator clock     rerouted
sent         recall       sender                       recalled
sent         cancel       sender coordinator           cancelled
sent         correct      coordinator                  entered_in_error
sent         remind       clock                        sent
sent         escalate     clock                        sent
sent         break_glass  overseer                     sent
accepted     assign       coordinator                  accepted
accepted     start        holder                       in_progress
accepted     note         holder sender coordinator    accepted
accepted     hold         holder                       on_hold
accepted     complete     holder                       completed
accepted     return       holder                       returned
accepted     reroute      sender coordinator clock     rerouted
accepted     recall       sender                       recalled
accepted     cancel       sender coordinator           cancelled
accepted     correct      coordinator                  entered_in_error
accepted     remind       clock                        accepted
accepted     escalate     clock                        accepted
accepted     break_glass  overseer                     accepted
in_progress  assign       coordinator                  accepted
in_progress  note         holder sender coordinator    in_progress
in_progress  hold         holder                       on_hold
in_progress  complete     holder                       completed
in_progress  return       holder                       returned
in_progress  cancel       sender coordinator           cancelled
in_progress  correct      coordinator                  entered_in_error
in_progress  remind       clock                        in_progress
in_progress  escalate     clock                        in_progress
in_progress  break_glass  overseer                     in_progress
on_hold      hand_over    coordinator                  on_hold
on_hold      note         holder sender coordinator    on_hold
on_hold      resume       holder clock                 in_progress
on_hold      cancel       sender coordinator           cancelled
on_hold      correct      coordinator                  entered_in_error
on_hold      remind       clock                        on_hold
on_hold      escalate     clock                        on_hold
on_hold      break_glass  overseer                     on_hold
returned     note         holder sender coordinator    returned
returned     resend       sender                       sent
returned     reroute      sender coordinator clock     rerouted
returned     cancel       sender coordinator           cancelled
returned     correct      coordinator                  entered_in_error
returned     remind       clock                        returned
returned     escalate     clock                        returned
returned     break_glass  overseer                     returned
completed    correct      coordinator                  entered_in_error
rerouted     correct      coordinator                  entered_in_error
recalled     correct      coordinator                  entered_in_error
cancelled    correct      coordinator                  entered_in_error
"""
# Verb, its event, and what becomes of the deadlines reply, act and close, done one hour after
# `NOON` to a referral whose clocks ran from `NOON`, or stand since then.
EFFECTS = """
send         referral.sent              restarted  restarted  restarted
see          referral.seen              kept       kept       kept
accept       referral.accepted          none       kept       kept
assign       referral.assigned          none       kept       kept
hand_over    referral.assigned          kept       kept       kept
start        referral.started           none       none       kept
note         referral.noted             kept       kept       kept
hold         referral.held              none       kept       kept
resume       referral.resumed           none       later      later
complete     referral.completed         none       none       none
return       referral.returned          restarted  kept       kept
resend       referral.resent            restarted  later      later
reroute      referral.rerouted          none       none       none
recall       referral.recalled          none       none       none
cancel       referral.cancelled         none       none       none
correct      referral.entered_in_error  none       none       none
break_glass  referral.glass_broken      kept       kept       kept
"""
# Statuses as people read them, whether they end it, HL7 Gravity Task.status, BSeR status.
NAMES = """
sent              Terkirim      open   requested         2.0
accepted          Diterima      open   accepted          3.0
in_progress       Ditangani     open   in-progress       5.1.1
on_hold           Ditunda       open   on-hold           5.1.1
completed         Selesai       final  completed         7.0
returned          Dikembalikan  open   rejected          4.0
rerouted          Dialihkan     final  cancelled         6.0
recalled          Ditarik       final  cancelled         6.0
cancelled         Dibatalkan    final  cancelled         6.0
entered_in_error  Salah_entri   final  entered-in-error  6.0
"""
AFTER = NOON + timedelta(hours=1)
RELATION_SETS = [
    frozenset(chosen)
    for chosen in chain.from_iterable(
        combinations(Relation, size) for size in range(len(Relation) + 1)
    )
]
VERBS_OF_A_CALLER = [verb for verb in DONE if verb is not Verb.SEND]


def by_hand() -> dict[tuple[ReferralStatus, Verb], tuple[set[Relation], ReferralStatus]]:
    rows = {}
    for line in TABLE.strip().splitlines():
        status, verb, *who, after = line.split()
        rows[ReferralStatus(status), Verb(verb)] = (
            {Relation(one) for one in who},
            ReferralStatus(after),
        )
    return rows


BY_HAND = by_hand()


def open_by_hand(status: ReferralStatus, relations: frozenset[Relation]) -> set[Verb]:
    return {
        verb for (origin, verb), (who, _) in BY_HAND.items() if origin is status and who & relations
    }


def test_labels_ends_and_codes_are_those_of_the_design() -> None:
    assert len(STATUSES) == len(ReferralStatus)
    for line in NAMES.strip().splitlines():
        code, label, end, gravity, bser = line.split()
        info = STATUSES[ReferralStatus(code)]
        assert (info.label, info.gravity, info.bser) == (label.replace("_", " "), gravity, bser)
        assert info.final == (end == "final")
        assert (ReferralStatus(code) in FINAL) == (end == "final")
        assert info.label_en


def test_every_verb_stands_in_the_table_with_labels() -> None:
    assert set(TRANSITIONS) == set(Verb)
    assert {verb for _, verb in BY_HAND} == set(Verb) - {Verb.SEND}
    for row in TRANSITIONS.values():
        assert row.label
        assert row.label_en


@pytest.mark.parametrize("status", ReferralStatus)
@pytest.mark.parametrize("verb", Verb)
def test_a_verb_leads_where_the_table_says_and_nowhere_else(
    status: ReferralStatus, verb: Verb
) -> None:
    expected = BY_HAND[status, verb][1] if (status, verb) in BY_HAND else None
    assert next_status(status, verb) is expected


@pytest.mark.parametrize("status", ReferralStatus)
def test_the_verbs_open_to_a_caller_are_those_of_the_table(status: ReferralStatus) -> None:
    for relations in RELATION_SETS:
        expected = open_by_hand(status, relations)
        found = allowed(status, relations, seen=False)
        assert set(found) == expected, relations
        assert len(found) == len(expected)
        assert set(allowed(status, relations, seen=True)) == expected - {Verb.SEE}


@pytest.mark.parametrize("status", ReferralStatus)
@pytest.mark.parametrize("verb", VERBS_OF_A_CALLER)
def test_the_aggregate_does_what_is_allowed_and_refuses_the_rest_unchanged(
    status: ReferralStatus, verb: Verb
) -> None:
    for relations in RELATION_SETS:
        who = people()
        one = standing_at(status, who)
        actor = by(who.receiver, *relations)
        row = BY_HAND.get((status, verb))
        if row is not None and row[0] & relations:
            do(verb, one, actor)
            assert one.status is row[1], relations
            assert (one.version, len(one.steps), len(one.facts)) == (6, 1, 1)
            assert (one.ended_at is not None) == (row[1] in FINAL)
        else:
            _refuses(verb, one, actor, relations)


def _refuses(verb: Verb, one: Referral, actor: By, relations: frozenset[Relation]) -> None:
    before = (one.status, one.version, one.clocks, one.holder_id, one.seen_at, one.ended_at)
    if verb is Verb.SEE and one.status is not ReferralStatus.SENT:
        # Opening it late is no fault and no fact.
        assert one.see(actor) is False
    else:
        with pytest.raises(TransitionNotAllowed) as refused:
            do(verb, one, actor)
        assert refused.value.extra["status_now"] == one.status.value
        assert set(refused.value.extra["allowed"]) == open_by_hand(one.status, relations)
    after = (one.status, one.version, one.clocks, one.holder_id, one.seen_at, one.ended_at)
    assert after == before, relations
    assert not one.steps
    assert not one.facts


@pytest.mark.parametrize("line", EFFECTS.strip().splitlines(), ids=lambda line: line.split()[0])
def test_a_verb_states_its_event_and_moves_its_clocks(line: str) -> None:
    name, event, *expected = line.split()
    verb = Verb(name)
    origins = {origin for origin, one in BY_HAND if one is verb} or {ReferralStatus.SENT}
    for origin in sorted(origins):
        who = people()
        one = referral(who) if verb is Verb.SEND else standing_at(origin, who)
        before = one.clocks.reply_by, one.clocks.act_by, one.clocks.close_by
        may = BY_HAND[origin, verb][0] if verb is not Verb.SEND else {Relation.SENDER}
        # The holder's own steps may meet act-by beside; that has a test of its own.
        relation = min(may - {Relation.HOLDER}, default=Relation.HOLDER)
        do(verb, one, by(who.receiver, relation), now=AFTER)
        after = (one.clocks.reply_by, one.clocks.act_by, one.clocks.close_by)
        wanted = [
            _deadline(word, old, limit)
            for word, old, limit in zip(expected, before, (REPLY, ACT, CLOSE), strict=True)
        ]
        assert list(after) == wanted, origin
        fact = one.facts[-1]
        assert fact.name == event
        assert (fact.reply_by, fact.act_by, fact.close_by) == after
        assert (fact.status, fact.holder_id) == (one.status, one.holder_id)
        assert TRANSITIONS[verb].event is type(fact)


def _deadline(word: str, old: datetime | None, limit: timedelta) -> datetime | None:
    match word:
        case "none":
            return None
        case "kept":
            return old
        case "restarted":
            return AFTER + limit
        case _:
            assert word == "later"
            assert old is not None
            return old + (AFTER - NOON)


def test_a_returned_referral_runs_the_senders_reply_clock_alone() -> None:
    who = people()
    one = standing_at(ReferralStatus.SENT, who)
    do(Verb.RETURN, one, by(who.receiver, Relation.RECEIVER), now=AFTER)
    assert one.clocks.paused_at == AFTER
    assert one.clocks.due_at == AFTER + REPLY
    later = AFTER + timedelta(days=3)
    do(Verb.RESEND, one, by(who.sender, Relation.SENDER), now=later)
    assert one.clocks.paused_at is None
    assert one.clocks.due_at == later + REPLY
    assert one.clocks.act_by == NOON + ACT + timedelta(days=3)
    assert one.clocks.close_by == NOON + CLOSE + timedelta(days=3)


def test_a_met_act_by_starts_anew_when_a_started_referral_is_sent_again() -> None:
    who = people()
    one = standing_at(ReferralStatus.ACCEPTED, who)
    do(Verb.START, one, by(who.receiver, Relation.HOLDER))
    do(Verb.RETURN, one, by(who.receiver, Relation.HOLDER))
    do(Verb.RESEND, one, by(who.sender, Relation.SENDER), now=AFTER)
    assert one.clocks.act_by == AFTER + ACT


def test_on_hold_act_by_and_close_by_stand_and_go_on_as_far_ahead_as_they_were() -> None:
    who = people()
    one = standing_at(ReferralStatus.ACCEPTED, who)
    do(Verb.HOLD, one, by(who.receiver, Relation.HOLDER), now=AFTER)
    assert one.clocks.due_at is None, "nothing is due while it is put off"
    assert one.alarm_at == AFTER + PAUSE
    one.ring(AFTER + PAUSE, Above((), ()), {})
    assert one.status is ReferralStatus.IN_PROGRESS
    assert one.steps[-1].actor_id is None
    assert one.clocks.act_by == NOON + ACT + PAUSE, "the clock resumed it; nobody has acted yet"
    assert one.clocks.close_by == NOON + CLOSE + PAUSE


def test_the_holders_first_step_on_what_the_clock_resumed_meets_act_by() -> None:
    who = people()
    one = standing_at(ReferralStatus.ON_HOLD, who)
    one.resume(By.clock(AFTER))
    assert one.clocks.act_by == NOON + ACT + (AFTER - NOON)
    do(Verb.NOTE, one, by(who.sender, Relation.SENDER), now=AFTER)
    assert one.clocks.act_by is not None, "the sender's words are no help yet"
    do(Verb.NOTE, one, by(who.receiver, Relation.HOLDER), now=AFTER)
    assert one.clocks.act_by is None
    assert one.clocks.close_by == NOON + CLOSE + (AFTER - NOON)


@pytest.mark.parametrize("ahead", [timedelta(0), -timedelta(seconds=1), -timedelta(days=400)])
def test_a_hold_ends_in_the_future(ahead: timedelta) -> None:
    who = people()
    one = standing_at(ReferralStatus.ACCEPTED, who)
    with pytest.raises(TimeImplausible):
        one.hold(by(who.receiver, Relation.HOLDER), reason="Hujan.", until=NOON + ahead)
    assert one.status is ReferralStatus.ACCEPTED


def test_the_second_to_accept_is_told_who_was_first() -> None:
    who = people()
    one = standing_at(ReferralStatus.ACCEPTED, who)
    with pytest.raises(AlreadyAccepted) as refused:
        one.accept(by(who.other_receiver, Relation.RECEIVER))
    assert refused.value.extra["holder"] == {
        "id": str(who.receiver),
        "name": None,
        "pillar": "TKSK",
    }


def test_an_assigned_referral_is_the_colleagues_and_the_event_names_who_held_it() -> None:
    who = people()
    one = standing_at(ReferralStatus.IN_PROGRESS, who)
    do(Verb.ASSIGN, one, by(UUID(int=5), Relation.COORDINATOR))
    assert (one.status, one.holder_id) == (ReferralStatus.ACCEPTED, COLLEAGUE)
    assert one.facts[-1].model_dump()["previous_id"] == who.receiver
    assert one.steps[-1].subject_id == COLLEAGUE


def test_only_the_first_opening_is_a_fact() -> None:
    who = people()
    one = standing_at(ReferralStatus.SENT, who)
    assert one.see(by(who.receiver, Relation.RECEIVER))
    assert not one.see(by(who.other_receiver, Relation.RECEIVER, now=AFTER))
    assert one.seen_at == NOON
    assert len(one.facts) == 1


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("note", [None, "Pindah ke Jember."])
def test_an_outcome_other_than_need_met_asks_for_a_note(outcome: Outcome, note: str | None) -> None:
    who = people()
    one = standing_at(ReferralStatus.IN_PROGRESS, who)
    holder = by(who.receiver, Relation.HOLDER)
    if outcome is not Outcome.NEED_MET and note is None:
        with pytest.raises(ReasonMissing) as refused:
            one.complete(holder, outcome=outcome, service=None, note=note)
        assert refused.value.extra["errors"][0]["pointer"] == "/note"
        assert one.status is ReferralStatus.IN_PROGRESS
    else:
        one.complete(holder, outcome=outcome, service=None, note=note)
        assert one.facts[-1].model_dump()["outcome"] is outcome


@pytest.mark.parametrize("reason", ReturnReason)
def test_only_another_reason_asks_for_a_note(reason: ReturnReason) -> None:
    who = people()
    one = standing_at(ReferralStatus.SENT, who)
    receiver = by(who.receiver, Relation.RECEIVER)
    if reason is ReturnReason.OTHER:
        with pytest.raises(ReasonMissing):
            one.give_back(receiver, reason=reason, note=None)
        assert one.status is ReferralStatus.SENT
    else:
        one.give_back(receiver, reason=reason, note=None)
        assert one.facts[-1].model_dump()["reason"] is reason


@pytest.mark.parametrize("confidentiality", Confidentiality)
def test_an_event_names_the_category_only_of_an_open_need(confidentiality: Confidentiality) -> None:
    who = people()
    one = referral(who, confidentiality=confidentiality)
    do(Verb.SEND, one, by(who.sender, Relation.SENDER))
    said = one.facts[-1]
    assert said.category == ("GLD" if confidentiality is Confidentiality.C1 else None)
    assert "Tidur" not in said.model_dump_json()


def test_what_was_said_stays_out_of_the_events() -> None:
    who = people()
    one = standing_at(ReferralStatus.ACCEPTED, who)
    holder = by(who.receiver, Relation.HOLDER)
    one.add_note(holder, "rahasia-catatan", {})
    one.hold(holder, reason="rahasia-tunda", until=AFTER)
    one.resume(by(who.receiver, Relation.HOLDER, now=AFTER))
    one.complete(holder, outcome=Outcome.MOVED, service=None, note="rahasia-hasil")
    one.correct(by(UUID(int=5), Relation.COORDINATOR), reason="rahasia-koreksi")
    said = "".join(fact.model_dump_json() for fact in one.facts)
    assert len(one.facts) == 5
    assert "rahasia" not in said


def test_a_step_keeps_when_it_happened_apart_from_when_it_was_recorded() -> None:
    who = people()
    one = standing_at(ReferralStatus.SENT, who)
    earlier = NOON - timedelta(hours=3)
    one.accept(replace(by(who.receiver, Relation.RECEIVER), occurred_at=earlier))
    assert (one.steps[-1].at, one.steps[-1].occurred_at) == (NOON, earlier)
    assert (one.steps[-1].acting_pillar, one.steps[-1].acting_area) == ("TKSK", "35.08.03")
