import asyncio
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from prometheus_client import REGISTRY

from services.notifications.api import stream as stream_route
from services.notifications.api.hub import QUEUE
from services.notifications.storage import stream_rows
from services.notifications.use_cases import StreamSweeper
from shared.auth import Actor
from shared.clock import utc_now
from shared.contracts import cases
from tests.fixtures.processes import until
from tests.integration.notifications.conftest import Heard, Serve, worker
from tests.integration.notifications.live import PATIENCE, LiveServer
from tests.unit.notifications.story import NUMBER, Story

ROWS = 3 * QUEUE
"""Of 4 kB each: more than the sockets' buffers and the queue hold together."""


async def test_a_stream_greets_and_then_tells_as_it_happens(heard: Heard, serve: Serve) -> None:
    story = Story()
    await heard.hear(Story(pool=story.pool).event(cases.ReferralSent))
    async with serve() as server, server.stream(worker(story.pool[0])) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["cache-control"] == "no-store"
        hello = await stream.frame()
        assert (hello.event, hello.retry) == ("hello", 2000)
        assert hello.id is not None

        await heard.hear(story.event(cases.ReferralSent))
        notice, line = await stream.event(), await stream.event()
    assert (notice.event, line.event) == ("notice", "worklist")
    assert notice.id is not None
    assert line.id is not None
    assert hello.id < notice.id < line.id
    assert notice.data["title"] == f"Rujukan baru {NUMBER}"
    assert notice.data["referral_id"] == str(story.referral_id)
    assert line.data["status"] == "sent"
    assert line.data["version"] == 1
    assert "category" not in line.data


async def test_a_stream_carries_the_callers_rows_alone(heard: Heard, serve: Serve) -> None:
    story, other = Story(), Story()
    async with serve() as server, server.stream(worker(story.pool[0])) as stream:
        await stream.frame()
        await heard.hear(other.event(cases.ReferralSent))
        await heard.hear(story.event(cases.ReferralSent))
        for _ in range(2):
            found = await stream.event()
            assert found.data["referral_id"] == str(story.referral_id)


@pytest.mark.parametrize("by", ["header", "query"])
async def test_a_stream_goes_on_after_the_last_id(heard: Heard, serve: Serve, by: str) -> None:
    story = Story()
    reader = worker(story.pool[0])
    async with serve() as server:
        async with server.stream(reader) as stream:
            hello = await stream.frame()
        assert hello.id is not None
        await heard.hear(story.event(cases.ReferralSent))
        await heard.hear(story.event(cases.ReferralAccepted, actor=story.pool[1]))
        resumed = (
            server.stream(reader, last_id=hello.id)
            if by == "header"
            else server.stream(reader, last_event_id=hello.id)
        )
        async with resumed as stream:
            missed = [await stream.event() for _ in range(3)]
            assert [frame.event for frame in missed] == ["notice", "worklist", "worklist"]
        async with server.stream(reader, last_id=missed[1].id) as stream:
            assert await stream.event() == missed[2]


async def test_the_header_is_newer_than_the_address(heard: Heard, serve: Serve) -> None:
    story = Story()
    await heard.hear(story.event(cases.ReferralSent))
    async with serve() as server:
        async with server.stream(worker(story.pool[0]), last_event_id=0) as stream:
            first, second = await stream.event(), await stream.event()
        again = server.stream(worker(story.pool[0]), last_id=first.id, last_event_id=0)
        async with again as stream:
            assert await stream.event() == second


async def test_a_quiet_stream_sends_heartbeats(clean: object, serve: Serve) -> None:
    async with (
        serve(stream_heartbeat_seconds=0.1) as server,
        server.stream(worker(uuid.uuid4())) as stream,
    ):
        await stream.frame()
        beats = [await stream.frame() for _ in range(3)]
    assert [beat.comment for beat in beats] == ["heartbeat"] * 3


async def test_a_stream_ends_by_itself_so_that_the_client_shows_a_fresh_token(
    clean: object, serve: Serve
) -> None:
    async with (
        serve(stream_seconds=0.3) as server,
        server.stream(worker(uuid.uuid4())) as stream,
    ):
        frames = await stream.rest()
        assert [frame.event for frame in frames] == ["hello"]
        await until(lambda: server.has_streams(0))


async def test_an_open_stream_holds_no_database_connection(heard: Heard, serve: Serve) -> None:
    story = Story()
    async with serve() as server, server.stream(worker(story.pool[0])) as stream:
        await stream.frame()
        await heard.hear(story.event(cases.ReferralSent))
        await stream.event()

        async def all_are_back() -> bool:
            pool = server.app.state.database.engine.pool
            return bool(pool.checkedout() == 0)

        await until(all_are_back)
        assert await server.has_streams(1)


async def test_a_client_that_goes_away_is_forgotten(heard: Heard, serve: Serve) -> None:
    async with serve() as server:
        async with server.stream(worker(uuid.uuid4())) as stream:
            await stream.frame()
            assert connected() == 1
        await until(lambda: server.has_streams(0))
        assert connected() == 0


async def test_the_time_from_step_to_screen_is_measured(heard: Heard, serve: Serve) -> None:
    story = Story()
    names = ("sinergi_notice_seconds_count", "sinergi_notice_seconds_sum")
    count, seconds = (REGISTRY.get_sample_value(name) or 0 for name in names)
    async with serve() as server, server.stream(worker(story.pool[0])) as stream:
        await stream.frame()
        step = utc_now() - timedelta(seconds=90)
        sent = story.event(cases.ReferralSent).model_copy(update={"time": step})
        await heard.hear(sent)
        await stream.event()
    took = (utc_now() - step).total_seconds()
    measured = [REGISTRY.get_sample_value(name) or 0 for name in names]
    assert measured[0] == count + 1
    assert 90 <= measured[1] - seconds <= took


async def test_an_id_older_than_what_is_kept_resets_the_client(
    heard: Heard, serve: Serve, owner: asyncpg.Connection
) -> None:
    story = Story()
    reader = worker(story.pool[0])
    await heard.hear(story.event(cases.ReferralSent))
    await owner.execute(
        "update stream_rows set at = now() - make_interval(days => $1, hours => 1)",
        stream_rows.KEPT_DAYS,
    )
    old = await owner.fetch("select seq from stream_rows order by seq")
    await heard.hear(story.event(cases.ReferralAccepted, actor=story.pool[1]))
    assert await StreamSweeper(heard.database).sweep() == len(old)
    async with serve() as server:
        async with server.stream(reader, last_id=old[0]["seq"]) as stream:
            reset = await stream.frame()
            assert reset.event == "reset"
            await heard.hear(story.event(cases.ReferralStarted, actor=story.pool[1]))
        async with server.stream(reader, last_id=old[-1]["seq"]) as stream:
            first = await stream.event()
            assert first.data["status"] == "accepted", "nothing after this id was swept"


async def test_an_id_from_the_future_resets_the_client(clean: object, serve: Serve) -> None:
    """A database restored from a backup numbers its rows anew."""
    async with serve() as server, server.stream(worker(uuid.uuid4()), last_id=2**40) as stream:
        assert (await stream.frame()).event == "reset"


async def test_rows_within_a_week_are_not_swept(heard: Heard, owner: asyncpg.Connection) -> None:
    await heard.hear(Story().event(cases.ReferralSent))
    count = await owner.fetchval("select count(*) from stream_rows")
    assert await StreamSweeper(heard.database).sweep() == 0
    assert await owner.fetchval("select count(*) from stream_rows") == count


async def test_a_client_that_stops_reading_is_let_go_and_resumes_without_a_gap(
    heard: Heard, serve: Serve, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_route, "LAST_WORD_SECONDS", 0.2)
    reader = worker(uuid.uuid4())
    async with serve() as server:
        async with _stalled(server, reader) as greeting:
            await _insert_large_rows(owner, reader, ROWS)
            await until(lambda: server.has_streams(0), PATIENCE)

        async with server.stream(reader, last_id=greeting) as stream:
            numbers = [(await stream.event()).data["number"] for _ in range(ROWS)]
    assert numbers == list(range(1, ROWS + 1))


@asynccontextmanager
async def _stalled(server: LiveServer, reader: Actor) -> AsyncIterator[int]:
    """A stream whose client took the greeting, keeps the connection and never reads again."""
    lines = ("GET /stream HTTP/1.1", "Host: test", f"Authorization: Bearer {server.token(reader)}")
    with socket.socket() as client:
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, ("127.0.0.1", server.port))
        await loop.sock_sendall(client, "\r\n".join([*lines, "", ""]).encode())
        greeting = b""
        while b"retry: " not in greeting:
            received = await loop.sock_recv(client, 1024)
            assert received
            greeting += received
        yield int(greeting.partition(b"\nid: ")[2].split(b"\n")[0])


async def _insert_large_rows(owner: asyncpg.Connection, reader: Actor, number: int) -> None:
    await owner.execute(
        """
        insert into stream_rows (worker_id, kind, data)
        select $1, 'worklist', jsonb_build_object('number', n, 'fill', repeat('x', 4000))
        from generate_series(1, $2::int) n
        """,
        reader.id,
        number,
    )
    await owner.execute("notify stream_notifications")


def connected() -> float:
    return REGISTRY.get_sample_value("sinergi_streams_connected") or 0
