import asyncio
import random
import signal
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx2
import pytest
import uvicorn
from joserfc.jwk import OKPKey
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.notifications.reactions import REACTIONS
from shared.contracts import cases
from shared.contracts.envelope import Event
from shared.database import Database, Tx
from shared.ending import end
from shared.messaging.inbox import Inbox, Reaction
from tests.fixtures.processes import ServiceProcess, until
from tests.fixtures.stack import Stack, free_port
from tests.integration.notifications.conftest import Serve, entries_of, worker
from tests.integration.notifications.live import LiveServer, open_stream
from tests.unit.notifications.story import Story

WRITERS = 4
BATCHES = 12


@pytest.mark.parametrize("seed", range(3))
async def test_resuming_at_any_point_gives_every_row_once_while_others_write(
    clean: Stack, serve: Serve, owner: asyncpg.Connection, seed: int
) -> None:
    """INVARIANT: without the lock that makes number order commit order, rows are skipped."""
    chances = [random.Random(f"{seed} {part}") for part in range(WRITERS + 1)]  # noqa: S311 - repeatable, not secret
    reader = uuid.uuid4()
    numbers: list[int] = []
    async with serve() as server:
        async with server.stream(worker(reader)) as stream:
            start = (await stream.frame()).id
        reading = asyncio.create_task(_read(server, reader, start, numbers, chances[0]))
        await asyncio.gather(*(_write(clean, reader, chance) for chance in chances[1:]))
        written = [
            row["seq"]
            for row in await owner.fetch(
                "select seq from stream_rows where worker_id = $1 order by seq", reader
            )
        ]

        async def has_read_the_last() -> bool:
            return bool(numbers) and numbers[-1] == written[-1]

        await until(has_read_the_last, 20)
        await end([reading])
    assert numbers == written
    assert len(written) >= WRITERS * BATCHES


async def _read(
    server: LiveServer,
    reader: uuid.UUID,
    start: int | None,
    numbers: list[int],
    chance: random.Random,
) -> None:
    """Read a few events, go away, come back with the last id; without end."""
    while True:
        last = numbers[-1] if numbers else start
        async with server.stream(worker(reader), last_id=last) as stream:
            for _ in range(chance.randint(1, 9)):
                found = await stream.event()
                assert found.event in {"notice", "worklist"}
                assert found.id is not None
                numbers.append(found.id)


async def _write(stack: Stack, reader: uuid.UUID, chance: random.Random) -> None:
    """Transactions of several events whose commit is late by a random while."""
    database = Database(stack.environment["NOTIFICATIONS_WORKER_DATABASE_URL"], pool_size=1)
    reactions = {event: _dawdling(react, chance) for event, react in REACTIONS.items()}
    inbox = Inbox("notifications", database, reactions)
    try:
        for _ in range(BATCHES):
            story = Story(pool=[uuid.uuid4(), reader])
            events = story.whole()[: chance.randint(1, 5)]
            await inbox.apply("test:ev:cases", entries_of(events))
            await asyncio.sleep(chance.uniform(0, 0.005))
    finally:
        await database.close()


def _dawdling(react: Reaction, chance: random.Random) -> Reaction:
    async def late(event: Event, tx: Tx) -> None:
        await react(event, tx)
        await asyncio.sleep(chance.uniform(0, 0.01))

    return late


async def test_a_process_told_to_stop_ends_its_streams_at_once(
    clean: Stack, tmp_path: Path
) -> None:
    """INVARIANT: a stream is a request that does not end; the server waits five seconds for it."""
    async with _started("services.notifications.main", clean, tmp_path) as process:
        token = clean.token(worker(uuid.uuid4()))
        async with open_stream(process.url, token) as stream:
            assert (await stream.frame()).event == "hello"
            told_at = time.monotonic()
            process.send(signal.SIGTERM)
            assert await stream.rest() == [], "it ends properly, cut in no frame"
            await asyncio.to_thread(process.wait_ended)
            assert time.monotonic() - told_at < 3


async def test_a_started_worker_takes_events_to_an_open_stream(
    clean: Stack, tmp_path: Path
) -> None:
    """Both roles in one process: from an entry in Redis to a frame on the socket."""
    story = Story()
    async with _started("services.notifications", clean, tmp_path) as process:
        token = clean.token(worker(story.pool[0]))
        async with open_stream(process.url, token) as stream:
            assert (await stream.frame()).event == "hello"
            await _publish(clean, story.event(cases.ReferralSent))
            assert (await stream.event()).event == "notice"


@asynccontextmanager
async def _started(module: str, stack: Stack, folder: Path) -> AsyncIterator[ServiceProcess]:
    """A real process of notifications that finds directory's keys, ready and stopped at the end."""
    async with _directory(stack) as directory_url:
        process = ServiceProcess(
            module,
            {**stack.environment, "DIRECTORY_URL": directory_url},
            folder / "log",
            stack.url_of("notifications"),
        )
        process.start()
        try:
            await process.wait_ready()
            yield process
        finally:
            process.stop()


async def _publish(stack: Stack, event: Event) -> None:
    redis = Redis.from_url(stack.redis_url)
    try:
        raw = event.to_json()
        await redis.xadd(f"{stack.environment['REDIS_PREFIX']}:ev:cases", {b"e": raw})
    finally:
        await redis.aclose()


@asynccontextmanager
async def _directory(stack: Stack) -> AsyncIterator[str]:
    """The signing keys, where directory would publish them."""
    public = OKPKey.import_key(stack.key.as_dict(private=False)).as_dict()

    async def keys(_request: Request) -> Response:
        return JSONResponse({"keys": [public]})

    app = Starlette(routes=[Route("/.well-known/jwks.json", keys)])
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    url = f"http://127.0.0.1:{port}"

    async def answers() -> bool:
        async with httpx2.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"{url}/.well-known/jwks.json")).status_code == 200
            except httpx2.HTTPError:
                return False

    try:
        await until(answers)
        yield url
    finally:
        server.should_exit = True
        await serving
