"""The live stream, over real connections from end to end."""

import contextlib
from collections.abc import Iterator
from threading import Thread

import httpx2
import pytest
import uvicorn

from services.portal.main import build
from services.portal.settings import Settings
from tests.fixtures.stack import free_port
from tests.integration.portal.answers.known import SESSION
from tests.integration.portal.conftest import common_settings
from tests.integration.portal.neighbours import Neighbours


@pytest.fixture
def address(neighbours: Neighbours) -> Iterator[str]:
    """A portal that listens, for streams do not end by themselves."""
    port = free_port()
    app = build(Settings(client_secret="x", secure_cookie=False), common_settings(neighbours))
    config = uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@contextlib.contextmanager
def stream(address: str, **headers: str) -> Iterator[Iterator[str]]:
    """The lines of the stream, once it has opened."""
    with (
        httpx2.Client(
            cookies={"sinergi": SESSION},
            timeout=10,
            trust_env=False,
            transport=httpx2.HTTPTransport(retries=20),
        ) as client,
        client.stream("GET", f"{address}/stream", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        yield answer.iter_lines()


def test_events_come_through_as_they_happen(address: str, neighbours: Neighbours) -> None:
    with stream(address) as lines:
        until(lines, "event: hello")
        neighbours.tell("worklist", 8)
        until(lines, "event: worklist")
        until(lines, "id: 8")
    assert neighbours.of("GET /notifications/stream")[0].headers["authorization"] == (
        "Bearer visitor"
    )


def test_a_stream_goes_on_from_the_last_event_the_browser_saw(
    address: str, neighbours: Neighbours
) -> None:
    with stream(address, **{"Last-Event-ID": "41"}) as lines:
        until(lines, "event: hello")
    assert neighbours.of("GET /notifications/stream")[0].headers["last-event-id"] == "41"


async def test_a_service_that_is_down_is_said_before_the_stream_begins(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.is_down.add("notifications")
    answer = await browser.get("/stream")
    assert answer.status_code == 503
    assert not answer.content


async def test_an_ended_session_hears_nothing(
    browser: httpx2.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.refuse("POST /directory/sessions/token", "session-ended", 401)
    answer = await browser.get("/stream")
    assert answer.status_code == 401
    assert not answer.content


def until(lines: Iterator[str], wanted: str) -> None:
    """Read on until this line came; the client's time-out is the deadline."""
    assert any(line == wanted for line in lines), wanted
