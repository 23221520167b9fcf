"""The registry of a province at two sizes: look-alikes, search, and the counts of the map."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

from bench import lookalikes, searching, vulnerability
from bench.boards import NEAR_FLAT
from bench.registered import Registered, vault_of
from bench.report import Line
from bench.world import World
from tests.fixtures.processes import ServiceProcess

SIZES: Final = (100_000, 1_000_000)
FLAT: Final = ("NIK", "Name", "Counts")
"""What is to take the same however many people there are."""


def lines(world: World) -> list[Line]:
    """Each figure at each size, and how many times slower the larger one is."""
    with _registry(world):
        return asyncio.run(_lines(world))


@contextmanager
def _registry(world: World) -> Iterator[None]:
    """The API of registry, without its message work."""
    process = ServiceProcess(
        "services.registry.main",
        {**world.stack.environment, "LOG_LEVEL": "INFO"},
        world.stack.folder / "registry-api.log",
        world.stack.url_of("registry"),
    )
    process.start()
    try:
        asyncio.run(process.wait_ready())
        yield
    finally:
        process.stop()


async def _lines(world: World) -> list[Line]:
    registered = Registered(vault_of(world.stack.environment))
    owner = await asyncpg.connect(
        world.stack.owner_url, server_settings={"search_path": "registry, public", "jit": "off"}
    )
    found: list[Line] = []
    for size in SIZES:
        of = f"{size // 1000:,} k people"
        await registered.fill(owner, size)
        found += await lookalikes.lines(world, registered, of)
        found += await searching.lines(world, owner, registered, of)
        found += await vulnerability.lines(world, of)
    await owner.close()
    return found + _growth(found)


def _growth(found: list[Line]) -> list[Line]:
    """How many times longer the same takes with ten times as many people."""
    half = len(found) // 2
    return [
        Line(f"{small.name.rpartition(',')[0]}, ten times as many people", "times",
             large.ours / small.ours, goal=NEAR_FLAT if small.name.startswith(FLAT) else None,
             less_is_better=True)
        for small, large in zip(found[:half], found[half:], strict=True)
        if small.unit == "ms"
    ]  # fmt: skip
