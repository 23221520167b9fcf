"""A batch of families: one notice a person, a ledger row a referral, every list refreshed."""

import uuid

import asyncpg

from shared.contracts import cases
from shared.contracts.envelope import Event
from shared.ids import new_id
from tests.integration.notifications.conftest import Api, Heard, worker
from tests.unit.notifications.story import Story

FAMILIES = 35


def batch() -> tuple[Story, list[Event]]:
    """The same people's referrals of one batch, each with an id of its own."""
    group = cases.ReferralGroup(
        id=new_id(), site_id=uuid.uuid4(), area="35.08.03.2005", families=FAMILIES
    )
    story = Story()
    events = []
    for _ in range(FAMILIES):
        event = story.event(cases.ReferralSent)
        referral = uuid.uuid4()
        data = event.data.model_copy(update={"group": group, "referral_id": referral})
        changed = {"data": data, "id": new_id(), "subject": str(referral), "subjectversion": 1}
        events.append(event.model_copy(update=changed))
    return story, events


async def test_each_worker_gets_one_notice_and_every_list_every_referral(
    heard: Heard, owner: asyncpg.Connection
) -> None:
    story, events = batch()
    for event in events:
        await heard.hear(event)
    notices = await owner.fetch("select recipient_id, kind, title from notices")
    assert {tuple(row) for row in notices} == {
        (person, "families_new", "35 keluarga baru di lokasi bencana Sumberwuluh, Kec. Candipuro")
        for person in story.pool
    }
    assert len(notices) == len(story.pool)
    ledger = await owner.fetchval(
        "select count(distinct (referral_id, recipient_id)) from deliveries"
    )
    assert ledger == FAMILIES * len(story.pool)
    rows = await owner.fetch(
        "select worker_id, kind, count(*) as many from stream_rows group by 1, 2"
    )
    streams = {(row["worker_id"], row["kind"]): row["many"] for row in rows}
    for person in story.pool:
        assert (streams[person, "notice"], streams[person, "worklist"]) == (1, FAMILIES)


async def test_opening_one_family_says_so_in_its_own_ledger_alone(
    heard: Heard, api: Api, owner: asyncpg.Connection
) -> None:
    story, events = batch()
    for event in events:
        await heard.hear(event)
    reader = story.pool[0]
    client = api(worker(reader))
    for event in events[:2]:
        answer = await client.post(f"/notices/of-referral/{event.subject}/read", json={})
        assert answer.status_code == 200
    opened = await owner.fetch(
        "select referral_id, recipient_id from deliveries where status = 'opened'"
    )
    assert {tuple(row) for row in opened} == {
        (uuid.UUID(event.subject), reader) for event in events[:2]
    }
    (notice,) = (await client.get("/notices")).json()["items"]
    assert notice["read_at"] is None
    read = await client.post(f"/notices/{notice['id']}/read", json={})
    assert read.json()["read_at"] is not None
