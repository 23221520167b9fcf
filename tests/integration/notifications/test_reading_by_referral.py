"""Opening a referral ends everything its reader was told of it, and nothing else."""

import uuid

from shared.contracts import cases
from tests.integration.notifications.conftest import Api, Heard, worker
from tests.unit.notifications.story import Story


async def _told_twice(heard: Heard, story: Story) -> None:
    await heard.hear(story.event(cases.ReferralSent), story.event(cases.ReferralResent))


def _read(story: Story) -> str:
    return f"/notices/of-referral/{story.referral_id}/read"


async def test_all_notices_of_the_referral_are_read_at_once(heard: Heard, api: Api) -> None:
    story = Story()
    other = Story(pool=story.pool)
    await _told_twice(heard, story)
    await heard.hear(other.event(cases.ReferralSent))
    reader = api(worker(story.pool[0]))
    assert (await reader.get("/notices/count")).json() == {"unread": 3}

    answer = await reader.post(_read(story))
    assert (answer.status_code, answer.json()) == (200, {"read": 2})

    assert (await reader.get("/notices/count")).json() == {"unread": 1}
    unread = (await reader.get("/notices", params={"unread": True})).json()["items"]
    assert [item["referral_id"] for item in unread] == [str(other.referral_id)]


async def test_the_sender_reads_in_the_ledger_that_this_reader_opened_it(
    heard: Heard, api: Api
) -> None:
    story = Story()
    await _told_twice(heard, story)
    await api(worker(story.pool[1])).post(_read(story))
    ledger = await api(worker(story.sender)).get(
        "/deliveries", params={"referral_id": str(story.referral_id)}
    )
    statuses = {(item["recipient_id"], item["status"]) for item in ledger.json()["items"]}
    assert statuses == {
        (str(story.pool[0]), "delivered"),
        (str(story.pool[1]), "opened"),
        (str(story.pool[2]), "delivered"),
    }


async def test_a_colleagues_notices_stay_unread(heard: Heard, api: Api) -> None:
    story = Story()
    await _told_twice(heard, story)
    await api(worker(story.pool[0])).post(_read(story))
    assert (await api(worker(story.pool[1])).get("/notices/count")).json() == {"unread": 2}


async def test_opening_it_again_keeps_the_first_time(heard: Heard, api: Api) -> None:
    story = Story()
    await _told_twice(heard, story)
    reader = api(worker(story.pool[0]))
    await reader.post(_read(story))
    first = (await reader.get("/notices")).json()["items"]
    assert (await reader.post(_read(story))).json() == {"read": 0}
    assert (await reader.get("/notices")).json()["items"] == first


async def test_what_comes_after_the_opening_is_unread(heard: Heard, api: Api) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    reader = api(worker(story.pool[0]))
    await reader.post(_read(story))
    await heard.hear(story.event(cases.ReferralResent))
    assert (await reader.get("/notices/count")).json() == {"unread": 1}


async def test_a_repeated_request_gets_the_first_answer_and_reads_nothing_more(
    heard: Heard, api: Api
) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    reader, key = api(worker(story.pool[0])), {"Idempotency-Key": "open-it-0001"}
    assert (await reader.post(_read(story), headers=key)).json() == {"read": 1}
    await heard.hear(story.event(cases.ReferralResent))
    assert (await reader.post(_read(story), headers=key)).json() == {"read": 1}
    assert (await reader.get("/notices/count")).json() == {"unread": 1}


async def test_a_referral_nobody_told_of_answers_like_one_that_does_not_exist(
    heard: Heard, api: Api
) -> None:
    story = Story()
    await _told_twice(heard, story)
    stranger = api(worker(uuid.uuid4()))
    told_to_others = await stranger.post(_read(story))
    not_there = await stranger.post(f"/notices/of-referral/{uuid.uuid4()}/read")
    for answer in (told_to_others, not_there):
        assert (answer.status_code, answer.json()) == (200, {"read": 0})
    malformed = await stranger.post("/notices/of-referral/x/read")
    assert malformed.status_code == 422
    assert malformed.headers["content-type"] == "application/problem+json"
