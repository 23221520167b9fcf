"""The table of statuses and verbs, held to a second copy written by hand."""

from datetime import timedelta
from itertools import chain, combinations

import pytest

from services.cases.domain.errors import AlreadyAccepted, ReasonMissing, TransitionNotAllowed
from services.cases.domain.referral_status import (
    FINAL,
    STATUSES,
    TRANSITIONS,
    Relation,
    Verb,
    allowed,
    next_status,
)
from shared.contracts.codes import Confidentiality, Outcome, ReferralStatus, ReturnReason
from tests.unit.cases.story import (
    ACT,
    CLOSE,
    NOON,
    REPLY,
    by,
    do,
    people,
    referral,
    standing_at,
)

# The status now, the verb, who may, the status after. What is not here is refused.
TABLE = """
sent         see       receiver                    sent
sent         accept    receiver                    accepted
sent         note      holder sender coordinator   sent
sent         return    receiver holder             returned
accepted     start     holder                      in_progress
accepted     note      holder sender coordinator   accepted
accepted     complete  holder                      completed
accepted     return    holder                      returned
in_progress  note      holder sender coordinator   in_progress
in_progress  complete  holder                      completed
in_progress  return    holder                      returned
on_hold      note      holder sender coordinator   on_hold
returned     note      holder sender coordinator   returned
returned     resend    sender                      sent
"""
# verb, its event, and the deadlines reply, act, close after it: one hour after `NOON`, from a
# referral whose three clocks ran from `NOON` (resend: from one that was returned at `NOON`).
EFFECTS = """
send      referral.sent       restarted  restarted  restarted
see       referral.seen       kept       kept       kept
accept    referral.accepted   met        kept       kept
start     referral.started    met        met        kept
note      referral.noted      kept       kept       kept
complete  referral.completed  met        met        met
return    referral.returned   met        kept       kept
resend    referral.resent     restarted  later      later
"""
FINAL_BY_HAND = {"completed", "rerouted", "recalled", "cancelled", "entered_in_error"}
AFTER = NOON + timedelta(hours=1)
RELATION_SETS = [
    frozenset(chosen)
    for chosen in chain.from_iterable(
        combinations(Relation, size) for size in range(len(Relation) + 1)
    )
]
VERBS_OF_A_CALLER = [verb for verb in Verb if verb is not Verb.SEND]


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


def test_the_final_statuses_are_those_of_the_design() -> None:
    assert {status.value for status in FINAL} == FINAL_BY_HAND


def test_every_status_has_labels_and_codes_in_both_standards() -> None:
    assert set(STATUSES) == set(ReferralStatus)
    for info in STATUSES.values():
        assert all([info.label, info.label_en, info.gravity, info.bser])


@pytest.mark.parametrize("status", ReferralStatus)
@pytest.mark.parametrize("verb", Verb)
def test_a_verb_leads_where_the_table_says_and_nowhere_else(
    status: ReferralStatus, verb: Verb
) -> None:
    expected = BY_HAND[status, verb][1] if (status, verb) in BY_HAND else None
    assert next_status(status, verb) is expected


@pytest.mark.parametrize("relations", RELATION_SETS, ids=lambda one: "+".join(sorted(one)) or "-")
@pytest.mark.parametrize("status", ReferralStatus)
def test_the_verbs_open_to_a_caller_are_those_of_the_table(
    status: ReferralStatus, relations: frozenset[Relation]
) -> None:
    expected = {
        verb for (origin, verb), (who, _) in BY_HAND.items() if origin is status and who & relations
    }
    found = allowed(status, relations, seen=False)
    assert set(found) == expected
    assert len(found) == len(expected)
    assert set(allowed(status, relations, seen=True)) == expected - {Verb.SEE}


@pytest.mark.parametrize("relations", RELATION_SETS, ids=lambda one: "+".join(sorted(one)) or "-")
@pytest.mark.parametrize("status", ReferralStatus)
@pytest.mark.parametrize("verb", VERBS_OF_A_CALLER)
def test_the_aggregate_does_what_is_allowed_and_refuses_the_rest_unchanged(
    status: ReferralStatus, verb: Verb, relations: frozenset[Relation]
) -> None:
    who = people()
    one = standing_at(status, who)
    actor = by(who.receiver, *relations)
    row = BY_HAND.get((status, verb))
    if row is not None and row[0] & relations:
        do(verb, one, actor)
        assert one.status is row[1]
        assert (one.version, len(one.steps), len(one.facts)) == (6, 1, 1)
        return
    before = (one.status, one.version, one.clocks, one.holder_id, one.seen_at)
    if verb is Verb.SEE and status is not ReferralStatus.SENT:
        # Opening it late is no fault and no fact.
        assert one.see(actor, now=NOON) is False
    else:
        with pytest.raises(TransitionNotAllowed) as refused:
            do(verb, one, actor)
        assert refused.value.extra["status_now"] == status.value
        assert set(refused.value.extra["allowed"]) == {
            open_verb.value
            for (origin, open_verb), (may, _) in BY_HAND.items()
            if origin is status and may & relations
        }
    assert (one.status, one.version, one.clocks, one.holder_id, one.seen_at) == before
    assert not one.steps
    assert not one.facts


@pytest.mark.parametrize("line", EFFECTS.strip().splitlines(), ids=lambda line: line.split()[0])
def test_a_verb_states_its_event_and_moves_its_clocks(line: str) -> None:
    name, event, *clocks = line.split()
    verb = Verb(name)
    origins = {origin for origin, one in BY_HAND if one is verb} or {ReferralStatus.SENT}
    for origin in sorted(origins):
        who = people()
        one = referral(who) if verb is Verb.SEND else standing_at(origin, who)
        before = (one.clocks.reply_by, one.clocks.act_by, one.clocks.close_by)
        do(verb, one, by(who.receiver, *Relation), now=AFTER)
        after = (one.clocks.reply_by, one.clocks.act_by, one.clocks.close_by)
        for expected, old, new, limit in zip(
            clocks, before, after, (REPLY, ACT, CLOSE), strict=True
        ):
            if expected == "met":
                assert new is None
            elif expected == "kept":
                assert new == old
            elif expected == "later":
                assert old is not None
                assert new == old + (AFTER - NOON)
            else:
                assert new == AFTER + limit
        fact = one.facts[-1]
        assert fact.name == event
        assert (fact.reply_by, fact.act_by, fact.close_by) == after
        assert (fact.status, fact.holder_id) == (one.status, one.holder_id)
        assert TRANSITIONS[verb].event is type(fact)


def test_a_returned_referral_is_due_for_nobody_until_it_is_sent_again() -> None:
    who = people()
    one = standing_at(ReferralStatus.SENT, who)
    do(Verb.RETURN, one, by(who.receiver, Relation.RECEIVER))
    assert one.clocks.paused_at == NOON
    assert one.clocks.due_at is None
    do(Verb.RESEND, one, by(who.sender, Relation.SENDER), now=AFTER)
    assert one.clocks.paused_at is None
    assert one.clocks.due_at == AFTER + REPLY


def test_a_met_act_by_starts_anew_when_a_started_referral_is_sent_again() -> None:
    who = people()
    one = standing_at(ReferralStatus.ACCEPTED, who)
    do(Verb.START, one, by(who.receiver, Relation.HOLDER))
    do(Verb.RETURN, one, by(who.receiver, Relation.HOLDER))
    do(Verb.RESEND, one, by(who.sender, Relation.SENDER), now=AFTER)
    assert one.clocks.act_by == AFTER + ACT


def test_the_second_to_accept_is_told_who_was_first() -> None:
    who = people()
    one = standing_at(ReferralStatus.ACCEPTED, who)
    with pytest.raises(AlreadyAccepted) as refused:
        one.accept(by(who.other_receiver, Relation.RECEIVER), now=NOON)
    assert refused.value.extra["holder"] == {
        "id": str(who.receiver),
        "name": None,
        "pillar": "TKSK",
    }


def test_only_the_first_opening_is_a_fact() -> None:
    who = people()
    one = standing_at(ReferralStatus.SENT, who)
    assert one.see(by(who.receiver, Relation.RECEIVER), now=NOON)
    assert not one.see(by(who.other_receiver, Relation.RECEIVER), now=AFTER)
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
            one.complete(holder, outcome=outcome, service=None, note=note, now=NOON)
        assert refused.value.extra["errors"][0]["pointer"] == "/note"
        assert one.status is ReferralStatus.IN_PROGRESS
    else:
        one.complete(holder, outcome=outcome, service=None, note=note, now=NOON)
        assert one.facts[-1].model_dump()["outcome"] is outcome


@pytest.mark.parametrize("reason", ReturnReason)
def test_only_another_reason_asks_for_a_note(reason: ReturnReason) -> None:
    who = people()
    one = standing_at(ReferralStatus.SENT, who)
    receiver = by(who.receiver, Relation.RECEIVER)
    if reason is ReturnReason.OTHER:
        with pytest.raises(ReasonMissing):
            one.give_back(receiver, reason=reason, note=None, now=NOON)
        assert one.status is ReferralStatus.SENT
    else:
        one.give_back(receiver, reason=reason, note=None, now=NOON)
        assert one.facts[-1].model_dump()["reason"] is reason


@pytest.mark.parametrize("confidentiality", Confidentiality)
def test_an_event_names_the_category_only_of_an_open_need(confidentiality: Confidentiality) -> None:
    who = people()
    one = referral(who, confidentiality=confidentiality)
    do(Verb.SEND, one, by(who.sender, Relation.SENDER))
    said = one.facts[-1]
    assert said.category == ("GLD" if confidentiality is Confidentiality.C1 else None)
    assert "Tidur" not in said.model_dump_json()


def test_what_was_noted_stays_out_of_the_events() -> None:
    who = people()
    one = standing_at(ReferralStatus.ACCEPTED, who)
    holder = by(who.receiver, Relation.HOLDER)
    one.add_note(holder, "rahasia-catatan", now=NOON)
    one.complete(holder, outcome=Outcome.MOVED, service=None, note="rahasia-hasil", now=NOON)
    assert "rahasia" not in "".join(fact.model_dump_json() for fact in one.facts)


def test_a_step_keeps_when_it_happened_apart_from_when_it_was_recorded() -> None:
    who = people()
    one = standing_at(ReferralStatus.SENT, who)
    earlier = NOON - timedelta(hours=3)
    one.accept(by(who.receiver, Relation.RECEIVER), now=NOON, occurred_at=earlier)
    assert (one.steps[-1].at, one.steps[-1].occurred_at) == (NOON, earlier)
    assert (one.steps[-1].acting_pillar, one.steps[-1].acting_area) == ("TKSK", "35.08.03")
