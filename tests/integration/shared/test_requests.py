"""What every request of every service gets: a trace, an id, a commit before its answer."""

import io
import logging
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import orjson
import pytest
import structlog
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from shared.auth import Actor
from shared.logging import configure_logging
from tests.fixtures.callers import client_of
from tests.fixtures.stack import Stack

TRACE = "0af7651916cd43dd8448eb211c80319c"
GIVEN = f"00-{TRACE}-b7ad6b7169203331-01"
REQUEST = "0197e1f2-8c3b-7a41-9d55-0c1f6e2b7a90"
NIK = "3508010101010001"
LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogLines]:
    """The lines this process has logged so far, each read as JSON."""
    written = io.BytesIO()
    stdout = io.TextIOWrapper(written, write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        configure_logging("cases", "INFO")
    yield lambda: [orjson.loads(line) for line in written.getvalue().splitlines()]
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


async def traceparents(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch("select data from event_log order by seq")
    return [orjson.loads(row["data"])["traceparent"] for row in rows]


async def test_a_callers_trace_goes_through_answer_event_and_log(
    app: FastAPI, clean: Stack, psm: Actor, owner: asyncpg.Connection, log_lines: LogLines
) -> None:
    async with client_of(app, clean, psm) as client:
        answer = await client.post("/things/one", headers={"traceparent": GIVEN})
    assert answer.status_code == 200
    version, trace, span, flags = answer.headers["traceparent"].split("-")
    assert (version, trace, flags) == ("00", TRACE, "01")
    assert span != GIVEN.split("-")[2], "our own work is a span of its own"
    assert await traceparents(owner) == [answer.headers["traceparent"]]
    (line,) = [line for line in log_lines() if line["event"] == "request"]
    assert line["trace_id"] == TRACE
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/things/{text}", 200)
    assert line["service"] == "cases"


async def test_a_callers_request_id_goes_through_answer_event_and_log(
    app: FastAPI, clean: Stack, psm: Actor, owner: asyncpg.Connection, log_lines: LogLines
) -> None:
    async with client_of(app, clean, psm) as client:
        answer = await client.post("/things/one", headers={"X-Request-ID": REQUEST})
    assert answer.headers["x-request-id"] == REQUEST
    (event,) = await owner.fetch("select data from event_log")
    assert orjson.loads(event["data"])["requestid"] == REQUEST
    (line,) = [line for line in log_lines() if line["event"] == "request"]
    assert line["request_id"] == REQUEST


@pytest.mark.parametrize("given", ["", NIK, "siapa", REQUEST + "0", REQUEST.replace("-", "")])
async def test_what_is_no_request_id_is_not_taken_for_one(
    app: FastAPI, clean: Stack, psm: Actor, owner: asyncpg.Connection, given: str
) -> None:
    async with client_of(app, clean, psm) as client:
        answer = await client.post("/things/one", headers={"X-Request-ID": given})
    made = answer.headers["x-request-id"]
    assert uuid.UUID(made).version == 7
    (event,) = await owner.fetch("select data from event_log")
    assert orjson.loads(event["data"])["requestid"] == made


@pytest.mark.parametrize(
    "given", [None, "", "garbage", f"99-{TRACE}-b7ad6b7169203331-01", GIVEN.upper(), GIVEN + "x"]
)
async def test_without_a_sound_trace_each_request_begins_its_own(
    app: FastAPI, clean: Stack, psm: Actor, owner: asyncpg.Connection, given: str | None
) -> None:
    headers = {} if given is None else {"traceparent": given}
    async with client_of(app, clean, psm) as client:
        answers = [await client.post(f"/things/{n}", headers=headers) for n in range(2)]
    traces = [answer.headers["traceparent"].split("-")[1] for answer in answers]
    assert len({*traces, TRACE}) == 3
    assert await traceparents(owner) == [answer.headers["traceparent"] for answer in answers]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 2


async def test_every_answer_says_not_to_keep_or_guess_it(
    app: FastAPI, clean: Stack, psm: Actor
) -> None:
    async with client_of(app, clean, psm) as client:
        for path in ("/things/broken", "/nowhere", "/health/live", "/metrics", "/openapi.json"):
            answer = await client.get(path)
            assert answer.headers["cache-control"] == "no-store", path
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert uuid.UUID(answer.headers["x-request-id"]).version == 7


async def test_a_fault_of_ours_tells_the_caller_only_where_to_find_it(
    app: FastAPI, clean: Stack, psm: Actor, log_lines: LogLines
) -> None:
    async with client_of(app, clean, psm) as client:
        answer = await client.get("/things/broken", headers={"traceparent": GIVEN})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:sinergi:problem:internal"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["trace_id"] == TRACE
    logged = orjson.dumps(log_lines()).decode()
    for words in ("Budi", "referrals", NIK):
        assert words not in answer.text
        assert words not in logged
    assert "RuntimeError" in logged
    assert "conftest.py:" in logged


async def test_what_a_person_typed_into_an_address_is_not_logged(
    app: FastAPI, clean: Stack, psm: Actor, log_lines: LogLines
) -> None:
    async with client_of(app, clean, psm) as client:
        for path in (f"/things/{NIK}?nik={NIK}", f"/{NIK}"):
            await client.post(path)
            await client.get(path, headers={"Authorization": f"Bearer {NIK}"})
    logged = log_lines()
    assert len(logged) >= 4
    assert NIK not in orjson.dumps(logged).decode()


async def answered_before_commit(
    app: FastAPI, path: str, stack: Stack, actor: Actor, owner: asyncpg.Connection
) -> bool:
    """Whether the answer's first byte left while another connection could not see the row."""
    seen: list[int] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def look_then_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.append(await owner.fetchval("select count(*) from idempotency_keys"))
            await send(message)

        await app(scope, receive, look_then_send)

    async with client_of(watched, stack, actor) as client:
        answer = await client.post(path)
    assert answer.status_code == 200
    assert await owner.fetchval("select count(*) from idempotency_keys") == 1
    return seen == [0]


async def test_a_session_commits_before_the_answer_leaves(
    app: FastAPI, clean: Stack, psm: Actor, owner: asyncpg.Connection
) -> None:
    assert not await answered_before_commit(app, "/things/early", clean, psm, owner)


async def test_control_a_session_of_the_default_scope_would_commit_after_it(
    app: FastAPI, clean: Stack, psm: Actor, owner: asyncpg.Connection
) -> None:
    assert await answered_before_commit(app, "/things/early/late", clean, psm, owner)


@pytest.mark.parametrize(("path", "status"), [("/things/a", 500), ("/things/a/late", 200)])
async def test_p1_only_a_session_of_function_scope_can_answer_a_failing_commit_with_an_error(
    app: FastAPI, clean: Stack, psm: Actor, owner: asyncpg.Connection, path: str, status: int
) -> None:
    await owner.execute(
        """
        create function refuse() returns trigger language plpgsql as
            $$ begin raise exception 'no'; end $$;
        create constraint trigger refuse after insert on idempotency_keys
            deferrable initially deferred for each row execute function refuse()
        """
    )
    try:
        async with client_of(app, clean, psm) as client:
            assert (await client.post(path)).status_code == status
        assert await owner.fetchval("select count(*) from idempotency_keys") == 0
    finally:
        await owner.execute("drop function refuse cascade")
