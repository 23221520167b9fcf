"""What was told about a referral is settled for those from whose hands it is taken."""

import uuid

import asyncpg

from shared.contracts import cases
from shared.contracts.codes import ReferralStatus
from tests.integration.notifications.conftest import Heard
from tests.unit.notifications.story import Story

UNREAD = "select recipient_id, kind from notices where read_at is null and referral_id = $1"


async def unread(owner: asyncpg.Connection, story: Story) -> set[tuple[uuid.UUID, str]]:
    return {
        (row["recipient_id"], row["kind"]) for row in await owner.fetch(UNREAD, story.referral_id)
    }


async def test_the_previous_holders_notices_are_closed_and_the_last_one_stays_unread(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story, other = Story(), Story()
    other.sender, other.pool = story.sender, story.pool
    new = uuid.uuid4()
    await heard.hear(
        story.event(cases.ReferralSent),
        other.event(cases.ReferralSent),
        story.event(cases.ReferralAccepted),
        story.event(cases.ReferralNoted, actor=story.sender),
    )
    assert (story.holder, "referral_noted") in await unread(owner, story)
    untouched = await unread(owner, other)
    ledger = await owner.fetch(
        "select event_id, recipient_id, status from deliveries order by 1, 2"
    )
    assigned = story.event(
        cases.ReferralAssigned, actor=uuid.uuid4(), status=ReferralStatus.ACCEPTED,
        holder_id=new, previous_id=story.holder,
    )  # fmt: skip
    await heard.hear(assigned, times=2)
    theirs = {kind for person, kind in await unread(owner, story) if person == story.holder}
    assert theirs == {"referral_taken_over"}
    assert (new, "referral_assigned") in await unread(owner, story)
    # Colleagues of the pool were never relieved of it by this step, nor is the sender.
    assert (story.pool[1], "referral_taken") in await unread(owner, story)
    assert (story.sender, "referral_accepted") in await unread(owner, story)
    assert await unread(owner, other) == untouched
    after = await owner.fetch(
        "select event_id, recipient_id, status from deliveries where event_id <> $1 order by 1, 2",
        assigned.id,
    )
    assert after == ledger, "nobody opened anything: the sender is not told so"


async def test_those_for_whom_it_waited_by_name_are_relieved_when_it_is_assigned_away(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story = Story(pool=[uuid.uuid4()])
    new = uuid.uuid4()
    await heard.hear(story.event(cases.ReferralSent))
    assert await unread(owner, story) == {(story.pool[0], "referral_new")}
    await heard.hear(
        story.event(
            cases.ReferralAssigned, actor=uuid.uuid4(), status=ReferralStatus.ACCEPTED,
            holder_id=new, previous_id=None,
        )
    )  # fmt: skip
    left = {kind for person, kind in await unread(owner, story) if person == story.pool[0]}
    assert left == {"referral_taken_over"}
