"""Those whom an event names hear of it: requests that fall due, reports by other systems."""

import uuid
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from shared.contracts.directory import WorkerLeft
from shared.contracts.envelope import Event, EventData
from shared.contracts.registry import ReportReceived, RequestReminded
from shared.ids import new_id
from tests.integration.notifications.conftest import Api, Heard, worker

VILLAGE = "35.08.03.2005"
NAMED: dict[type[EventData], tuple[str, str]] = {
    RequestReminded: ("request_due", "Permintaan pelindungan data segera jatuh tempo"),
    ReportReceived: ("report_received", "Laporan baru dari sistem lain menunggu keputusan"),
}


def stating(kind: type[EventData], *told: UUID) -> Event:
    about = uuid.uuid4()
    due = datetime.now(UTC) + timedelta(hours=20)
    data: EventData = RequestReminded(request_id=about, area=VILLAGE, due_at=due, told=list(told))
    if kind is ReportReceived:
        data = ReportReceived(
            report_id=about,
            area=VILLAGE,
            told=list(told),
        )
    return Event.stating(
        data,
        event_id=new_id(),
        subject=about,
        version=1,
        time=datetime.now(UTC),
        traceparent=None,
    )


@pytest.mark.parametrize("kind", NAMED)
async def test_each_is_told_once_and_opens_it_like_any_other_notice(
    heard: Heard, api: Api, owner: asyncpg.Connection, kind: type[EventData]
) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    event = stating(kind, one, other)
    await heard.hear(event)
    await heard.hear(event)
    code, title = NAMED[kind]
    rows = await owner.fetch("select recipient_id, kind, referral_id from notices")
    assert {tuple(row) for row in rows} == {(one, code, None), (other, code, None)}
    client = api(worker(one))
    (notice,) = (await client.get("/notices")).json()["items"]
    assert (notice["title"], notice["referral_id"], notice["case_number"]) == (title, None, None)
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
    await heard.hear(stating(RequestReminded, gone))
    assert await owner.fetchval("select count(*) from notices") == 0
