"""All processes of the system, and a supervisor that starts again what ends."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

import psutil

from shared.ending import end
from tests.fixtures.processes import ServiceProcess, until
from tests.fixtures.stack import Stack, free_port

CLAIM_MS: Final = 3000
"""Shorter than the pauses of the test, so that a paused consumer loses its batch to another."""
WATCH_SECONDS: Final = 0.05
READY_SECONDS: Final = 60.0
"""Eight processes begin at once, perhaps on a machine that is busy with other work."""


class City:
    """All services and the portal; cases and notifications with their message work apart."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.processes = {
            "directory": self._process("directory", "services.directory"),
            "registry": self._process("registry", "services.registry"),
            "cases": self._process("cases", "services.cases.main"),
            "cases-worker-0": self._process("cases", "services.cases.worker", slot="0"),
            "cases-worker-1": self._process("cases", "services.cases.worker", slot="1"),
            "notifications": self._process("notifications", "services.notifications.main"),
            "notifications-worker": self._process(
                "notifications", "services.notifications.worker", slot="0"
            ),
            "portal": self._process("portal", "services.portal.main"),
        }
        self.starts: Counter[str] = Counter()
        self.kills: dict[str, list[float]] = {name: [] for name in self.processes}
        """When each was killed, by the loop's clock."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything up and ready; what ends meanwhile is started again at once."""
        supervisor = asyncio.create_task(self._keep_up())
        try:
            await asyncio.sleep(0)
            await self.wait_ready()
            yield
        finally:
            await end([supervisor])
            for process in self.processes.values():
                process.kill()

    async def wait_ready(self) -> None:
        """Return once every process says that it is ready."""
        for process in self.processes.values():
            await process.wait_ready(READY_SECONDS)

    def kill(self, name: str) -> None:
        """Kill one process; the supervisor brings it back."""
        self.kills[name].append(asyncio.get_running_loop().time())
        self.processes[name].kill()

    async def restart(self, name: str) -> None:
        """Kill one process; return once it is back and ready."""
        starts = self.starts[name]
        self.kill(name)

        async def started() -> bool:
            return self.starts[name] > starts

        await until(started)
        await self.processes[name].wait_ready()

    def ended_by_themselves(self) -> list[str]:
        """Processes that were started more often than the test killed them."""
        return [
            f"{name} ended by itself: {self.processes[name].log.read_text()[-1500:]}"
            for name, starts in self.starts.items()
            if starts != len(self.kills[name]) + 1
        ]

    async def spinning(self) -> list[str]:
        """Processes that are busy though nothing happens."""
        seen = {name: psutil.Process(one.pid) for name, one in self.processes.items()}
        for process in seen.values():
            process.cpu_percent()
        await asyncio.sleep(2)
        shares = {name: process.cpu_percent() for name, process in seen.items()}
        return [f"{name} uses {share} % of a core" for name, share in shares.items() if share > 50]

    async def _keep_up(self) -> None:
        while True:
            for name, process in self.processes.items():
                if not process.is_running:
                    process.start()
                    self.starts[name] += 1
            await asyncio.sleep(WATCH_SECONDS)

    def _process(self, service: str, module: str, *, slot: str = "") -> ServiceProcess:
        upper = service.upper()
        port = str(free_port()) if slot else self.stack.environment[f"{upper}_PORT"]
        return ServiceProcess(
            module,
            {
                **self.stack.environment,
                "LOG_LEVEL": "WARNING",
                f"{upper}_CLAIM_AFTER_MS": str(CLAIM_MS),
                f"{upper}_SLOT": slot or "0",
                f"{upper}_WORKER_PORT": port,
                "PORTAL_SECURE_COOKIE": "false",
            },
            self.stack.folder / f"chaos-{module}{slot}.log",
            f"http://127.0.0.1:{port}",
        )
