"""Requests, whole jobs and end-to-end times, each beside its floor."""

import asyncio
import json
import time
from collections.abc import Callable

import aiohttp
import asyncpg

from bench.load import Measured, Request, closed_loop, open_loop
from bench.world import World

CONCURRENCY = 16
REQUESTS = 3000
ROUNDS = 3
RATE = 100.0
SECONDS = 15.0
SHARE = 100 / 1_100
"""What that rate is of the floor's whole jobs on the machine the goals are for."""
SHARED_SECONDS = 40.0
"""Long enough for a hundredth to be several requests where the floor is slow."""
WARM_UP_SECONDS = 2.0
"""At the same rate before it, and not counted, as in the other sections."""
SAMPLES = 75
SAMPLED = 5.0
"""A second: few beside the steady rate."""

_ROW = "select * from floor.referrals where id = $1"

Announce = Callable[[str], None]


def post_referral(world: World) -> tuple[Measured, Measured]:
    """POST /referrals through the API, and its floor, neither with message work beside it."""
    url = world.stack.url_of("cases") + "/referrals"
    floor_url = f"http://127.0.0.1:{world.floor_port}/referrals"
    ours, floor = Measured(1.0), Measured(1.0)
    with world.api_alone():
        for _ in range(ROUNDS):
            ours = max(ours, _posted(url, world.request), key=_rate)
            with world.floor("app"):
                floor = max(floor, _posted(floor_url, world.floor_request), key=_rate)
    asyncio.run(_settled(world, "notifications.notices", "cases.referrals"))
    return ours, floor


def post_beside_workers(world: World) -> tuple[Measured, Measured]:
    """The same while relays and consumers send on and react to what is posted, and its floor."""
    url = world.stack.url_of("cases") + "/referrals"
    floor_url = f"http://127.0.0.1:{world.floor_port}/referrals"
    ours = max((_posted(url, world.request) for _ in range(ROUNDS)), key=_rate)
    asyncio.run(_settled(world, "notifications.notices", "cases.referrals"))
    with world.floor("app", "relay", "consumer"):
        floor = max((_posted(floor_url, world.floor_request) for _ in range(ROUNDS)), key=_rate)
        asyncio.run(_settled(world, "floor.notices", "floor.referrals"))
    return ours, floor


def _posted(url: str, request: Request) -> Measured:
    asyncio.run(closed_loop(url, request, count=300, concurrency=CONCURRENCY))
    return asyncio.run(closed_loop(url, request, count=REQUESTS, concurrency=CONCURRENCY))


def _rate(measured: Measured) -> float:
    return measured.per_second


def whole_jobs(world: World) -> tuple[float, float]:
    """Jobs a second from the first POST until every notice is written, and the floor's."""
    floor = floor_jobs(world)
    url = world.stack.url_of("cases") + "/referrals"
    ours = _until_noticed(
        world,
        lambda: closed_loop(url, world.request, count=REQUESTS, concurrency=CONCURRENCY),
        "ours",
    )
    return ours, floor


def floor_jobs(world: World) -> float:
    """Jobs a second of the floor."""
    url = f"http://127.0.0.1:{world.floor_port}/referrals"
    with world.floor("app", "relay", "consumer"):
        asyncio.run(_settled(world, "floor.notices", "floor.referrals"))
        return _until_noticed(
            world,
            lambda: closed_loop(url, world.floor_request, count=REQUESTS, concurrency=CONCURRENCY),
            "floor",
        )


def _until_noticed(world: World, load: Callable[[], object], whose: str) -> float:
    notices, referrals = {
        "floor": ("floor.notices", "floor.referrals"),
        "ours": ("notifications.notices", "cases.referrals"),
    }[whose]

    async def run() -> float:
        started = time.perf_counter()
        await load()  # type: ignore[misc] # a coroutine of closed_loop
        await _settled(world, notices, referrals)
        return REQUESTS / (time.perf_counter() - started)

    return asyncio.run(run())


async def _settled(world: World, notices: str, referrals: str) -> None:
    connection = await asyncpg.connect(world.stack.owner_url)
    try:
        for _ in range(12_000):
            missing = await connection.fetchval(
                f"select (select count(*) from {referrals}) - (select count(*) from {notices})"  # noqa: S608 - our own table names
            )
            if missing == 0:
                return
            await asyncio.sleep(0.005)
        raise RuntimeError(f"{missing} notices never came")
    finally:
        await connection.close()


def end_to_end(
    world: World, per_second: float = RATE, seconds: float = SECONDS
) -> tuple[Measured, Measured]:
    """From sending the POST to the SSE message at the receiver, at a steady rate.

    The floor's ends with the commit that wrote the notice, told by NOTIFY.
    """
    asyncio.run(_written_down(world))
    ours = asyncio.run(_ours_end_to_end(world, per_second, seconds))
    asyncio.run(_written_down(world))
    return ours, _floor_end_to_end(world, per_second, seconds)


async def _written_down(world: World) -> None:
    """Let PostgreSQL write what the sections before changed, which it would do meanwhile."""
    connection = await asyncpg.connect(world.stack.owner_url)
    await connection.execute("checkpoint")
    await connection.close()


def to_worklist(world: World) -> tuple[Measured, Measured]:
    """From sending a POST until the receiver's worklist shows the row, beside the steady rate.

    The floor's ends with the bare statement that finds the row.
    """
    ours = asyncio.run(_to_worklist(world))
    with world.floor("app"):
        return ours, asyncio.run(_to_row(world))


async def _to_row(world: World) -> Measured:
    url, latencies = f"http://127.0.0.1:{world.floor_port}/referrals", []
    connection = await asyncpg.connect(world.stack.owner_url)
    async with aiohttp.ClientSession() as client:
        load = asyncio.create_task(
            open_loop(url, world.floor_request, per_second=RATE, seconds=SAMPLES / SAMPLED)
        )
        for number in range(SAMPLES):
            headers, body = world.floor_request(number)
            started = time.perf_counter()
            async with client.post(url, json=body, headers=headers) as answer:
                sent = (await answer.json())["id"]
            while not await connection.fetch(_ROW, sent):
                continue
            latencies.append(time.perf_counter() - started)
            await asyncio.sleep(max(started + 1 / SAMPLED - time.perf_counter(), 0))
    posted = await load
    await connection.close()
    return Measured(SAMPLES / SAMPLED, latencies, posted.failures)


async def _to_worklist(world: World) -> Measured:
    stack, latencies = world.stack, []
    async with aiohttp.ClientSession(stack.url_of("cases")) as client:
        worklist = _WorklistEnd(client, stack.token(world.tksk, minutes=60))
        await worklist.reach()
        load = asyncio.create_task(
            open_loop(
                stack.url_of("cases") + "/referrals",
                world.request,
                per_second=RATE,
                seconds=SAMPLES / SAMPLED,
            )
        )
        for number in range(SAMPLES):
            headers, body = world.request(number)
            started = time.perf_counter()
            async with client.post("/referrals", json=body, headers=headers) as answer:
                sent = (await answer.json())["referrals"][0]["id"]
            await worklist.until(sent)
            latencies.append(time.perf_counter() - started)
            await asyncio.sleep(max(started + 1 / SAMPLED - time.perf_counter(), 0))
    posted = await load
    return Measured(SAMPLES / SAMPLED, latencies, posted.failures)


class _WorklistEnd:
    """The receiver's place at the end of the worklist, where what is due last comes in."""

    def __init__(self, client: aiohttp.ClientSession, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}
        self._cursor: str | None = None

    async def reach(self) -> None:
        """Go past all that is there."""
        while (await self._page())[1]:
            continue

    async def until(self, referral_id: str) -> None:
        """Return once the list shows this referral."""
        while referral_id not in (await self._page())[0]:
            continue

    async def _page(self) -> tuple[list[str], bool]:
        """The referrals after the place, and whether the place moved on behind them."""
        given = {"limit": "100", **({"cursor": self._cursor} if self._cursor else {})}
        async with self._client.get("/worklist", params=given, headers=self._headers) as answer:
            page = await answer.json()
        self._cursor = page["next"] or self._cursor
        return [row["referral_id"] for row in page["items"]], bool(page["next"])


async def _ours_end_to_end(world: World, per_second: float, seconds: float) -> Measured:
    url = world.stack.url_of("cases") + "/referrals"
    arrived: dict[str, float] = {}
    ready = asyncio.Event()
    token = world.stack.token(world.tksk, minutes=60)

    async def listen() -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.get(
                world.stack.url_of("notifications") + "/stream",
                headers={"Authorization": f"Bearer {token}"},
            ) as answer,
        ):
            kind = ""
            async for line in answer.content:
                text = line.decode().strip()
                if text.startswith("event:"):
                    kind = text.removeprefix("event:").strip()
                    ready.set()
                elif text.startswith("data:") and kind == "worklist":
                    data = json.loads(text.removeprefix("data:"))
                    arrived.setdefault(data["referral_id"], time.perf_counter())

    listener = asyncio.create_task(listen())
    await asyncio.wait_for(ready.wait(), 10)
    await open_loop(url, world.request, per_second=per_second, seconds=WARM_UP_SECONDS)
    started: dict[int, float] = {}

    def request(number: int) -> object:
        started[number] = time.perf_counter()
        return world.request(number)

    posted = await open_loop(url, request, per_second=per_second, seconds=seconds)  # type: ignore[arg-type] # same shape
    await asyncio.sleep(1.0)
    listener.cancel()
    latencies = []
    for number, body in posted.numbered.items():
        referral_id = json.loads(body)["referrals"][0]["id"]
        if referral_id in arrived:
            latencies.append(arrived[referral_id] - started[number])
    return Measured(posted.seconds, latencies, failures=len(started) - len(latencies))


def _floor_end_to_end(world: World, per_second: float, seconds: float) -> Measured:
    async def run() -> Measured:
        arrived: dict[str, float] = {}
        connection = await asyncpg.connect(world.stack.owner_url)
        await connection.execute(
            "create or replace function floor.tell() returns trigger language plpgsql as "
            "$$ begin perform pg_notify('floor_notice', new.referral_id::text); "
            "return new; end $$;"
            "drop trigger if exists tell on floor.notices;"
            "create trigger tell after insert on floor.notices for each row "
            "execute function floor.tell()"
        )
        await connection.add_listener(
            "floor_notice", lambda *a: arrived.setdefault(a[3], time.perf_counter())
        )
        started: dict[int, float] = {}

        def request(number: int) -> object:
            started[number] = time.perf_counter()
            return world.floor_request(number)

        url = f"http://127.0.0.1:{world.floor_port}/referrals"
        await open_loop(url, world.floor_request, per_second=per_second, seconds=WARM_UP_SECONDS)
        posted = await open_loop(url, request, per_second=per_second, seconds=seconds)  # type: ignore[arg-type] # same shape
        await asyncio.sleep(1.0)
        await connection.execute("drop trigger tell on floor.notices")
        await connection.close()
        latencies = [
            arrived[json.loads(body)["id"]] - started[number]
            for number, body in posted.numbered.items()
            if json.loads(body)["id"] in arrived
        ]
        return Measured(posted.seconds, latencies, failures=len(started) - len(latencies))

    with world.floor("app", "relay", "consumer"):
        asyncio.run(_settled(world, "floor.notices", "floor.referrals"))
        return asyncio.run(run())
