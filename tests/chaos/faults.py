"""Faults drawn from a seed, one every few seconds; no process is spared."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from tests.chaos.city import City

KINDS: Final = {"kill": 8, "pause": 4, "flush": 2, "wipe": 2, "crash postgres": 2}
"""What may happen, and how often in comparison."""
EVERY_SECONDS: Final = (1.0, 3.0)
PAUSE_SECONDS: Final = (0.5, 5.0)


@dataclass(frozen=True)
class Fault:
    """One harm: when, what, to which process, and for how long if it is a pause."""

    at: float
    kind: str
    target: str = ""
    seconds: float = 0.0


def plan(seed: int, seconds: float, targets: list[str]) -> list[Fault]:
    """The faults of a run, each kind and each kill at least once; seed and length fix them all."""
    draw = random.Random(seed)  # noqa: S311 - a fault is no secret
    faults: list[Fault] = []
    at = draw.uniform(*EVERY_SECONDS)
    while at < seconds:
        (kind,) = draw.choices(list(KINDS), list(KINDS.values()))
        faults.append(_drawn(draw, at, kind, targets))
        at += draw.uniform(*EVERY_SECONDS)
    killed = {fault.target for fault in faults if fault.kind == "kill"}
    spared = [target for target in targets if target not in killed]
    faults += [Fault(draw.uniform(0, seconds), "kill", target) for target in spared]
    drawn = {fault.kind for fault in faults}
    absent = [kind for kind in KINDS if kind not in drawn]
    faults += [_drawn(draw, draw.uniform(0, seconds), kind, targets) for kind in absent]
    return sorted(faults, key=lambda fault: fault.at)


def _drawn(draw: random.Random, at: float, kind: str, targets: list[str]) -> Fault:
    target = draw.choice(targets) if kind in {"kill", "pause"} else ""
    return Fault(at, kind, target, draw.uniform(*PAUSE_SECONDS) if kind == "pause" else 0.0)


class Chaos:
    """Does the faults to a running city, each at its time."""

    def __init__(self, city: City, faults: list[Fault]) -> None:
        self.done: Counter[str] = Counter()
        self._city = city
        self._faults = faults

    async def run(self) -> None:
        """Return when the last fault is over."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as pauses:
            for fault in self._faults:
                await asyncio.sleep(max(began + fault.at - loop.time(), 0))
                self.done[fault.kind] += 1
                if fault.kind == "pause":
                    pauses.create_task(self._pause(fault))
                else:
                    await self._strike(fault)

    async def _strike(self, fault: Fault) -> None:
        match fault.kind:
            case "kill":
                self._city.kill(fault.target)
            case "flush":
                async with Redis.from_url(self._city.stack.redis_url) as redis:
                    await redis.flushall()
            case "wipe":
                valkey = self._city.stack.valkey
                valkey.wipe()
                valkey.start()
                await asyncio.to_thread(valkey.wait_ready)
            case "crash postgres":
                # Started from this thread: the kernel ends the server with whichever started it.
                postgres = self._city.stack.postgres
                await asyncio.to_thread(postgres.stop, "immediate")
                postgres.start()
                await asyncio.to_thread(postgres.wait_ready)

    async def _pause(self, fault: Fault) -> None:
        process = self._city.processes[fault.target]
        process.pause()
        await asyncio.sleep(fault.seconds)
        process.go_on()
