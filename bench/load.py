"""Load on HTTP: closed loop at a set concurrency, or open loop at a set rate."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson


@dataclass
class Measured:
    """Latencies in seconds of what went as expected, the run's length, answers by number."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    numbered: dict[int, bytes] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """What went as expected, over the run's length."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """A latency in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


Address = str | Callable[[int], str]
"""Where requests go: all to one address, or the n-th to its own."""
Request = Callable[[int], tuple[dict[str, str], Any]]
"""Makes the headers and the JSON body of the n-th request."""


async def closed_loop(
    url: Address,
    request: Request,
    *,
    count: int,
    concurrency: int,
    expect: int = 201,
    method: str = "POST",
) -> Measured:
    """`concurrency` callers, each sending its next request when the last was answered."""
    measured = Measured(0.0)
    numbers = iter(range(count))
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector) as client:

        async def caller() -> None:
            for number in numbers:
                await _one(client, url, request, number, measured, expect, method)

        started = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(concurrency)))
        measured.seconds = time.perf_counter() - started
    return measured


async def open_loop(
    url: str, request: Request, *, per_second: float, seconds: float, expect: int = 201
) -> Measured:
    """Requests at a fixed rate, whether or not earlier ones were answered."""
    measured = Measured(0.0)
    count = int(per_second * seconds)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        started = time.perf_counter()
        tasks = []
        for number in range(count):
            due = started + number / per_second
            delay = due - time.perf_counter()
            if delay > 0:
                await asyncio.sleep(delay)
            tasks.append(asyncio.create_task(_one(client, url, request, number, measured, expect)))
        await asyncio.gather(*tasks)
        measured.seconds = time.perf_counter() - started
    return measured


async def _one(
    client: aiohttp.ClientSession,
    url: Address,
    request: Request,
    number: int,
    measured: Measured,
    expect: int,
    method: str = "POST",
) -> None:
    headers, body = request(number)
    started = time.perf_counter()
    async with client.request(
        method,
        url if isinstance(url, str) else url(number),
        data=None if body is None else orjson.dumps(body),
        headers={"Content-Type": "application/json", **headers},
    ) as answer:
        payload = await answer.read()
        if answer.status == expect:
            measured.latencies.append(time.perf_counter() - started)
            measured.numbered[number] = payload
        else:
            measured.failures += 1
