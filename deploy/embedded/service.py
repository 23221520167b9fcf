"""One service process as the supervisor sees it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from deploy.embedded.child import spawn
from deploy.processes import PROJECT, Process


class ServiceProcess:
    """A service of the process table, both roles in one process."""

    def __init__(
        self, process: Process, port: int, *, environment: Mapping[str, str], logs: Path
    ) -> None:
        self.name = process.name
        self.port = port
        self.live = process.live
        self.log = logs / f"{process.name}.log"
        self._module = process.module
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How the process ended, if it did."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start the process."""
        self._process = spawn(
            [sys.executable, "-m", self._module],
            environment=self._environment,
            folder=PROJECT,
            log=self.log,
        )

    def request_stop(self) -> None:
        """Ask the process to finish its work and end."""
        if self.is_running and self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """Kill the process and whatever it started."""
        if self.is_running and self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
