"""Sinergi as a newcomer starts it: `sinergi up`, on a folder and on ports of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

import asyncpg
import psutil

from deploy.demo_logins import DEMO_LOGINS
from deploy.processes import PROCESSES
from tests.fixtures.processes import ROOT, weight_of
from tests.fixtures.stack import free_port

START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 60.0
_READY: Final = re.compile(r"Sinergi is ready after ([0-9.]+) s\.")
_SETTINGS: Final = {
    # Five deliveries of an event that cannot be applied: seconds instead of a minute.
    f"{process.prefix}_CLAIM_AFTER_MS": "1000"
    for process in PROCESSES
}


class Installation:
    """One data folder with the supervisor that runs on it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sinergi-e2e-"))
        # PostgreSQL, which refuses to be root, passes through it.
        self.folder.chmod(0o711)
        self.data = self.folder / "data"
        self.output = self.folder / "up.txt"
        names = [process.port_setting for process in PROCESSES]
        self.ports = {name: free_port() for name in (*names, "POSTGRES_PORT", "REDIS_PORT")}
        self.first_start = 0.0
        """Seconds from the first command until everything was ready, demo data included."""
        self.first_weight = 0.0
        """Megabytes of the supervisor and all it started, once everything was ready."""
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, str] = {}
        self.sessions: dict[str, str] = {}
        """An open session of each worker a window was opened for."""
        self.addresses: list[str] = []
        """Every address any browser of the run has asked for."""

    @property
    def portal(self) -> str:
        """Where the portal answers."""
        return self.url("portal")

    def url(self, service: str) -> str:
        """Where a service answers."""
        return f"http://127.0.0.1:{self.ports[f'{service.upper()}_PORT']}"

    @cached_property
    def password(self) -> str:
        """The password of all demo logins."""
        return self.environment["DEMO_PASSWORD"]

    @property
    def environment(self) -> dict[str, str]:
        """What the supervisor gave its services."""
        path = self.data / "environment.json"
        environment: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return environment

    def start(self) -> float:
        """Run `sinergi up` until it says ready; returns the seconds from the command to there."""
        started = time.monotonic()
        with self.output.open("wb") as output:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "deploy.cli", "up"],
                cwd=ROOT,
                env=self._given(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._wait(self._has_greeted, START_SECONDS)
        seconds = time.monotonic() - started
        self.first_start = self.first_start or seconds
        self.first_weight = self.first_weight or weight_of(self._supervisor.pid)
        return seconds

    def interrupt(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        assert self._supervisor is not None
        self._supervisor.send_signal(signal.SIGINT)
        return self._supervisor.wait(STOP_SECONDS)

    def remove(self) -> None:
        """End what still runs and delete the folder."""
        if self._supervisor is not None and self._supervisor.poll() is None:
            left = self.processes()
            self._supervisor.kill()
            self._supervisor.wait()
            _, alive = psutil.wait_procs(left, timeout=10)
            for process in alive:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def is_running(self) -> bool:
        """Whether the supervisor runs."""
        return self._supervisor is not None and self._supervisor.poll() is None

    def processes(self) -> list[psutil.Process]:
        """Everything the supervisor started, and what that started."""
        assert self._supervisor is not None
        return psutil.Process(self._supervisor.pid).children(recursive=True)

    def process_of(self, service: str) -> psutil.Process:
        """The process of one service."""
        (found,) = [process for process in self.processes() if process.name() == service]
        return found

    def command(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run another `sinergi` command on the same folder."""
        return subprocess.run(
            [sys.executable, "-m", "deploy.cli", *words],
            cwd=ROOT,
            env=self._given() | settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    async def renew_searches(self) -> None:
        """Give every worker the whole share of a minute: tests type more NIKs than people do."""
        owner = await asyncpg.connect(self.environment["POSTGRES_URL"])
        await owner.execute("delete from registry.nik_searches")
        await owner.close()

    async def searches(self) -> list[int]:
        """How many NIKs each worker who asked for any has spent since."""
        owner = await asyncpg.connect(self.environment["POSTGRES_URL"])
        rows = await owner.fetch("select searches from registry.nik_searches")
        await owner.close()
        return [row["searches"] for row in rows]

    def token(self, username: str) -> str:
        """What `sinergi token` prints for this worker."""
        if username not in self._tokens:
            answer = self.command("token", username)
            assert answer.returncode == 0, answer.stderr
            self._tokens[username] = answer.stdout.strip()
        return self._tokens[username]

    def _given(self) -> dict[str, str]:
        ports = {name: str(port) for name, port in self.ports.items()}
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return kept | ports | _SETTINGS | {"SINERGI_DATA": str(self.data)}

    def _has_greeted(self) -> bool:
        assert self.is_running, self.said()
        return bool(_READY.search(self.said())) and DEMO_LOGINS[-1].stands_for in self.said()

    def said(self) -> str:
        """What the supervisor printed since its last start."""
        return self.output.read_text(encoding="utf-8")

    def ready_after(self) -> float:
        """The seconds the supervisor itself says it took."""
        found = _READY.search(self.said())
        assert found is not None
        return float(found[1])

    def _wait(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
