"""Officers hear of requests about personal data that soon fall due."""

import uuid
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from shared.contracts.directory import WorkerLeft
from shared.contracts.envelope import Event
from shared.contracts.registry import RequestReminded
from shared.ids import new_id
from tests.integration.notifications.conftest import Api, Heard, worker


def reminded(*told: UUID) -> Event:
    request = uuid.uuid4()
    return Event.stating(
        RequestReminded(
            request_id=request,
            area="35.08.03.2005",
            due_at=datetime.now(UTC) + timedelta(hours=20),
            told=list(told),
        ),
        event_id=new_id(),
        subject=request,
        version=1,
        time=datetime.now(UTC),
        traceparent=None,
    )


async def test_each_officer_is_told_once_and_opens_it_like_any_other_notice(
    heard: Heard, api: Api, owner: asyncpg.Connection
) -> None:
    officer, other = uuid.uuid4(), uuid.uuid4()
    event = reminded(officer, other)
    await heard.hear(event)
    await heard.hear(event)
    rows = await owner.fetch("select recipient_id, kind, referral_id from notices")
    assert {tuple(row) for row in rows} == {
        (officer, "request_due", None),
        (other, "request_due", None),
    }
    client = api(worker(officer))
    (notice,) = (await client.get("/notices")).json()["items"]
    assert (notice["title"], notice["referral_id"], notice["case_number"]) == (
        "Permintaan pelindungan data segera jatuh tempo",
        None,
        None,
    )
    streamed = await owner.fetchval("select count(*) from stream_rows where kind = 'notice'")
    assert streamed == 2
    opened = await client.post(
        f"/notices/{notice['id']}/read", headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    assert opened.status_code == 200
    assert (await client.get("/notices/count")).json() == {"unread": 0}


async def test_who_has_left_is_told_nothing(heard: Heard, owner: asyncpg.Connection) -> None:
    gone = uuid.uuid4()
    left = Event.stating(
        WorkerLeft(worker_id=gone, active=False, duties=[]),
        event_id=new_id(),
        subject=gone,
        version=2,
        time=datetime.now(UTC),
        traceparent=None,
    )
    await heard.hear(left)
    await heard.hear(reminded(gone))
    assert await owner.fetchval("select count(*) from notices") == 0
