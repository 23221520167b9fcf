import uuid

import pytest

from services.notifications.domain.tells import (
    OF_A_BATCH,
    TELLS,
    Hands,
    NoticeKind,
    Party,
    messages,
    watchers,
)
from shared.contracts import cases
from shared.contracts.codes import Confidentiality, ReferralStatus
from shared.reference.categories import CATEGORIES
from tests.unit.notifications.story import NUMBER, OVERSEER, Story

BYSTANDER = uuid.uuid4()
"""Acts in tests that must not be about the actor."""

TOLD: dict[type[cases.ReferralState], dict[str, NoticeKind]] = {
    cases.ReferralSent: {"pool": NoticeKind.REFERRAL_NEW},
    cases.ReferralSeen: {},
    cases.ReferralAccepted: {
        "sender": NoticeKind.REFERRAL_ACCEPTED,
        "rest of pool": NoticeKind.REFERRAL_TAKEN,
    },
    cases.ReferralStarted: {"sender": NoticeKind.REFERRAL_STARTED},
    cases.ReferralNoted: {
        "sender": NoticeKind.REFERRAL_NOTED,
        "holder": NoticeKind.REFERRAL_NOTED,
    },
    cases.ReferralCompleted: {"sender": NoticeKind.REFERRAL_COMPLETED},
    cases.ReferralReturned: {"sender": NoticeKind.REFERRAL_RETURNED},
    cases.ReferralResent: {"pool": NoticeKind.REFERRAL_RESENT},
    cases.ReferralAssigned: {
        "holder": NoticeKind.REFERRAL_ASSIGNED,
        "rest of pool": NoticeKind.REFERRAL_TAKEN_OVER,
        "sender": NoticeKind.REFERRAL_ACCEPTED,
    },
    cases.ReferralHeld: {"sender": NoticeKind.REFERRAL_HELD},
    cases.ReferralResumed: {
        "holder": NoticeKind.REFERRAL_RESUMED,
        "sender": NoticeKind.REFERRAL_RESUMED,
    },
    cases.ReferralRerouted: {
        "sender": NoticeKind.REFERRAL_REROUTED,
        "pool": NoticeKind.REFERRAL_REROUTED,
    },
    cases.ReferralRecalled: {"pool": NoticeKind.REFERRAL_RECALLED},
    cases.ReferralCancelled: {
        "sender": NoticeKind.REFERRAL_CANCELLED,
        "pool": NoticeKind.REFERRAL_CANCELLED,
    },
    cases.ReferralCorrected: {
        "sender": NoticeKind.REFERRAL_CORRECTED,
        "pool": NoticeKind.REFERRAL_CORRECTED,
    },
    cases.ReferralReminded: {"told": NoticeKind.REFERRAL_REMINDED},
    cases.ReferralEscalated: {"told": NoticeKind.REFERRAL_ESCALATED},
    cases.GlassBroken: {"told": NoticeKind.GLASS_BROKEN},
}


def people(story: Story, side: str) -> list[uuid.UUID]:
    return {
        "sender": [story.sender],
        "holder": [story.holder],
        "pool": story.pool,
        "rest of pool": story.pool[1:],
        "told": [OVERSEER],
    }[side]


def told(
    story: Story,
    state: cases.ReferralState,
    before: Hands | None = None,
) -> dict[uuid.UUID, NoticeKind]:
    return {message.recipient_id: message.kind for message in messages(state, before)}


def test_the_table_is_total_over_the_events_of_cases() -> None:
    assert set(TELLS) == set(cases.EVENTS)


def test_the_expectations_are_total_over_the_steps_of_a_referral() -> None:
    assert set(TOLD) == {one for one in cases.EVENTS if issubclass(one, cases.ReferralState)}


def test_every_notice_kind_is_used_by_one_row() -> None:
    used = [tell.kind for row in (*TELLS.values(), (OF_A_BATCH,)) for tell in row]
    # The sender learns that somebody has it, whether they took it or were given it.
    used.remove(NoticeKind.REFERRAL_ACCEPTED)
    assert sorted(used) == sorted(NoticeKind)


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
def test_each_row_tells_exactly_those_it_names(kind: type[cases.ReferralState]) -> None:
    story = Story()
    expected = {
        person: notice for side, notice in TOLD[kind].items() for person in people(story, side)
    }
    before = Hands(None, story.pool)
    assert told(story, story.state(kind, actor=BYSTANDER), before) == expected


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
def test_nobody_is_told_of_their_own_act(kind: type[cases.ReferralState]) -> None:
    story = Story()
    for actor in (story.sender, story.holder, *story.pool):
        assert actor not in told(story, story.state(kind, actor=actor))


def test_a_hand_over_tells_the_two_and_the_sender_and_not_the_whole_pool() -> None:
    story = Story()
    state = story.state(cases.ReferralAssigned, actor=BYSTANDER, previous_id=story.pool[2])
    assert told(story, state, Hands(story.pool[2], [])) == {
        story.holder: NoticeKind.REFERRAL_ASSIGNED,
        story.pool[2]: NoticeKind.REFERRAL_TAKEN_OVER,
        story.sender: NoticeKind.REFERRAL_ACCEPTED,
    }


def test_whoever_took_it_is_told_that_it_was_taken_back() -> None:
    story = Story()
    state = story.state(cases.ReferralRecalled, actor=story.sender)
    assert set(told(story, state, Hands(story.holder, []))) == set(story.pool)


def test_a_person_on_two_sides_gets_one_notice() -> None:
    story = Story()
    story.pool.append(story.sender)
    notices = messages(story.state(cases.ReferralAccepted), Hands(None, story.pool))
    assert [notice.kind for notice in notices if notice.recipient_id == story.sender] == [
        NoticeKind.REFERRAL_ACCEPTED
    ]


def test_a_referral_to_one_named_worker_tells_that_worker() -> None:
    story = Story()
    state = story.state(cases.ReferralSent, holder_id=story.holder, pool=[])
    assert told(story, state) == {story.holder: NoticeKind.REFERRAL_NEW}


def test_a_note_before_acceptance_reaches_the_pool() -> None:
    story = Story()
    state = story.state(cases.ReferralNoted, actor=story.sender, status=ReferralStatus.SENT)
    assert set(told(story, state)) == set(story.pool)


def test_a_note_on_a_held_referral_reaches_the_other_side_alone() -> None:
    story = Story()
    by_sender = story.state(cases.ReferralNoted, actor=story.sender)
    by_holder = story.state(cases.ReferralNoted, actor=story.holder)
    assert set(told(story, by_sender)) == {story.holder}
    assert set(told(story, by_holder)) == {story.sender}


def test_who_was_given_the_referral_is_not_told_that_a_colleague_took_it() -> None:
    story = Story()
    state = story.state(cases.ReferralAccepted, actor=BYSTANDER)
    assert story.holder not in told(story, state, Hands(None, story.pool))


def test_an_acceptance_seen_before_its_sending_still_tells_the_pool() -> None:
    story = Story()
    assert set(told(story, story.state(cases.ReferralAccepted))) == {
        story.sender,
        *story.pool[1:],
    }


def test_a_title_names_the_case_number_and_nothing_else() -> None:
    story = Story()
    (title,) = {notice.title for notice in messages(story.state(cases.ReferralSent), None)}
    assert title == f"Rujukan baru {NUMBER}"


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
def test_a_c3_title_says_special_service_and_never_the_category(
    kind: type[cases.ReferralState],
) -> None:
    story = Story(confidentiality=Confidentiality.C3)
    titles = {notice.title for notice in messages(story.state(kind, actor=BYSTANDER), None)}
    assert bool(titles) is bool(TOLD[kind])
    for title in titles:
        assert title.startswith("Rujukan layanan khusus ")
        for category in CATEGORIES.values():
            assert category.code not in title
            assert category.name.lower() not in title.lower()


@pytest.mark.parametrize("confidentiality", [Confidentiality.C1, Confidentiality.C2])
def test_other_titles_do_not_say_special_service(confidentiality: Confidentiality) -> None:
    story = Story(confidentiality=confidentiality)
    for kind in TOLD:
        for notice in messages(story.state(kind, actor=BYSTANDER), None):
            assert "khusus" not in notice.title


def test_lists_are_refreshed_for_everyone_who_shows_or_showed_the_referral() -> None:
    story = Story()
    everyone = {story.sender, *story.pool}
    waiting, held = Hands(None, story.pool), Hands(story.holder, [])
    assert set(watchers(story.state(cases.ReferralSent), None)) == everyone
    assert set(watchers(story.state(cases.ReferralAccepted), waiting)) == everyone
    assert set(watchers(story.state(cases.ReferralStarted), held)) == {
        story.sender,
        story.holder,
    }
    assert set(watchers(story.state(cases.ReferralReturned), held)) == {
        story.sender,
        story.holder,
    }


def test_every_party_is_used_by_some_row() -> None:
    assert {party for row in TELLS.values() for tell in row for party in tell.to} == set(Party)
