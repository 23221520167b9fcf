import uuid

import pytest

from shared.contracts import cases
from shared.contracts.codes import Role
from shared.database import Database
from shared.ids import new_id
from shared.row_scope import RowScope
from tests.fixtures.stack import Stack
from tests.integration.notifications.conftest import Api, Heard, worker
from tests.unit.notifications.story import NUMBER, Story


async def test_a_worker_lists_their_own_notices_newest_first(heard: Heard, api: Api) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    sent_again = Story(pool=story.pool)
    await heard.hear(sent_again.event(cases.ReferralSent), sent_again.event(cases.ReferralResent))
    answer = await api(worker(story.pool[0])).get("/notices")
    assert answer.status_code == 200
    body = answer.json()
    assert [item["kind"] for item in body["items"]] == [
        "referral_resent",
        "referral_new",
        "referral_new",
    ]
    assert body["next"] is None
    oldest = body["items"][-1]
    assert set(oldest) == {
        "id", "kind", "referral_id", "case_number", "title", "at", "read_at",
    }  # fmt: skip
    assert oldest["title"] == f"Rujukan baru {NUMBER}"
    assert oldest["referral_id"] == str(story.referral_id)
    assert oldest["at"].endswith("Z")
    assert oldest["read_at"] is None


async def test_pages_join_without_gap_or_repeat(heard: Heard, api: Api) -> None:
    reader = uuid.uuid4()
    for _ in range(5):
        await heard.hear(Story(pool=[reader]).event(cases.ReferralSent))
    client = api(worker(reader))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(4):
        body = (await client.get("/notices", params={"limit": 2, **cursor})).json()
        seen += [item["id"] for item in body["items"]]
        if body["next"] is None:
            break
        cursor = {"cursor": body["next"]}
    whole = (await client.get("/notices")).json()
    assert seen == [item["id"] for item in whole["items"]]
    assert len(seen) == 5


async def test_a_read_notice_leaves_the_unread_list_and_shows_as_opened_to_the_sender(
    heard: Heard, api: Api
) -> None:
    story = Story()
    await heard.hear(
        story.event(cases.ReferralSent), Story(pool=story.pool).event(cases.ReferralSent)
    )
    reader = api(worker(story.pool[0]))
    assert (await reader.get("/notices/count")).json() == {"unread": 2}
    notice = (await reader.get("/notices")).json()["items"][-1]

    answer = await reader.post(f"/notices/{notice['id']}/read")
    assert answer.status_code == 200
    assert answer.json()["read_at"] is not None

    assert (await reader.get("/notices/count")).json() == {"unread": 1}
    unread = (await reader.get("/notices", params={"unread": True})).json()["items"]
    assert notice["id"] not in {item["id"] for item in unread}
    ledger = await api(worker(story.sender)).get(
        "/deliveries", params={"referral_id": str(story.referral_id)}
    )
    assert {item["recipient_id"]: item["status"] for item in ledger.json()["items"]} == {
        str(story.pool[0]): "opened",
        str(story.pool[1]): "delivered",
        str(story.pool[2]): "delivered",
    }
    assert {item["channel"] for item in ledger.json()["items"]} == {"in_app"}


async def test_reading_again_keeps_the_first_time(heard: Heard, api: Api) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    reader = api(worker(story.pool[0]))
    notice = (await reader.get("/notices")).json()["items"][0]
    first = (await reader.post(f"/notices/{notice['id']}/read")).json()
    again = (await reader.post(f"/notices/{notice['id']}/read")).json()
    assert again == first


async def test_another_workers_notice_does_not_exist(heard: Heard, api: Api) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    owner, stranger = (api(worker(person)) for person in story.pool[:2])
    notice = (await owner.get("/notices")).json()["items"][0]
    assert (await stranger.post(f"/notices/{notice['id']}/read")).status_code == 404
    assert (await stranger.post(f"/notices/{new_id()}/read")).status_code == 404
    assert (await owner.get("/notices/count")).json() == {"unread": 1}
    listed = {item["id"] for item in (await stranger.get("/notices")).json()["items"]}
    assert notice["id"] not in listed


async def test_a_repeated_request_gets_the_first_answer(heard: Heard, api: Api) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    reader = api(worker(story.pool[0]))
    key = {"Idempotency-Key": "read-all-0001"}
    first = await reader.post("/notices/read-all", headers=key)
    assert first.json() == {"read": 1}
    await heard.hear(Story(pool=story.pool).event(cases.ReferralSent))
    again = await reader.post("/notices/read-all", headers=key)
    assert again.status_code == 200
    assert again.json() == {"read": 1}
    assert (await reader.get("/notices/count")).json() == {"unread": 1}, "no second effect"

    notice = (await reader.get("/notices")).json()["items"][0]
    other = await reader.post(f"/notices/{notice['id']}/read", headers=key)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:sinergi:problem:idempotency-key-reused"


async def test_reading_all_opens_every_delivery_of_the_reader_alone(heard: Heard, api: Api) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    reader = api(worker(story.pool[1]))
    assert (await reader.post("/notices/read-all")).json() == {"read": 1}
    assert (await reader.post("/notices/read-all")).json() == {"read": 0}
    ledger = await api(worker(story.sender)).get(
        "/deliveries", params={"referral_id": str(story.referral_id)}
    )
    opened = [item["recipient_id"] for item in ledger.json()["items"] if item["status"] == "opened"]
    assert opened == [str(story.pool[1])]


async def test_the_ledger_is_seen_in_scope_only(heard: Heard, api: Api) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    ledger = f"/deliveries?referral_id={story.referral_id}"
    stranger = uuid.uuid4()
    callers = {
        "sender": worker(story.sender),
        "coordinator of the pillar": worker(
            stranger, pillar="TAGANA", area="35.08", role=Role.COORDINATOR
        ),
        "social office": worker(stranger, pillar="DINSOS", area="35", role=Role.DINSOS),
        "worker of the area": worker(stranger),
        "coordinator of another pillar": worker(
            stranger, pillar="PSM", area="35.08", role=Role.COORDINATOR
        ),
        "coordinator elsewhere": worker(
            stranger, pillar="TAGANA", area="35.09", role=Role.COORDINATOR
        ),
    }
    answers = {who: (await api(actor).get(ledger)) for who, actor in callers.items()}
    seen = {who: len(a.json()["items"]) for who, a in answers.items() if a.status_code == 200}
    assert seen == {"sender": 3, "coordinator of the pillar": 3, "social office": 3}
    assert {a.status_code for who, a in answers.items() if who not in seen} == {404}
    recipient = await api(worker(story.pool[2])).get(ledger)
    assert [item["recipient_id"] for item in recipient.json()["items"]] == [str(story.pool[2])]


async def test_the_ledger_pages_by_cursor(heard: Heard, api: Api) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    sender = api(worker(story.sender))
    query = {"referral_id": str(story.referral_id), "limit": "2"}
    first = (await sender.get("/deliveries", params=query)).json()
    second = (await sender.get("/deliveries", params={**query, "cursor": first["next"]})).json()
    found = [item["recipient_id"] for item in (*first["items"], *second["items"])]
    assert sorted(found) == sorted(map(str, story.pool))
    assert second["next"] is None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/notices?limit=101", 422),
        ("/notices?cursor=x", 422),
        ("/deliveries", 422),
        ("/deliveries?referral_id=x", 422),
        (f"/deliveries?referral_id={uuid.UUID(int=185)}&cursor=x", 422),
        (f"/deliveries?referral_id={uuid.UUID(int=186)}", 404),
        ("/stream?last_event_id=x", 422),
        (f"/stream?last_event_id={2**63}", 422),
    ],
)
async def test_bad_input_gets_a_problem_document(api: Api, path: str, status: int) -> None:
    answer = await api(worker(uuid.uuid4())).get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/notices", "/notices/count", "/deliveries", "/stream"])
async def test_nobody_comes_in_without_a_token(api: Api, path: str) -> None:
    client = api(worker(uuid.uuid4()))
    del client.headers["Authorization"]
    answer = await client.get(path, params={"referral_id": str(uuid.uuid4())})
    assert answer.status_code == 401


@pytest.mark.parametrize("table", ["notices", "deliveries", "stream_rows"])
async def test_the_login_role_of_the_api_sees_no_row_without_a_caller(
    clean: Stack, heard: Heard, table: str
) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    database = Database(clean.environment["NOTIFICATIONS_DATABASE_URL"])
    count = f"select count(*) from {table}"  # noqa: S608 - our own names
    try:
        async with database.transaction() as tx:
            assert await tx.fetchval(count) == 0
        async with database.transaction(RowScope(actor=uuid.uuid4())) as tx:
            assert await tx.fetchval(count) == 0
        async with database.transaction(RowScope(actor=story.pool[0])) as tx:
            assert await tx.fetchval(count) >= 1
    finally:
        await database.close()
