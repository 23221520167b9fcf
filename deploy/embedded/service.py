"""One service process as the supervisor sees it."""

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from deploy.embedded.nursery import Nursery
from deploy.processes import Process


class ServiceProcess:
    """A service of the process table, both roles in one process."""

    def __init__(
        self,
        process: Process,
        port: int,
        *,
        nursery: Nursery,
        environment: Mapping[str, str],
        logs: Path,
    ) -> None:
        self.name = process.name
        self.port = port
        self.live = process.live
        self.log = logs / f"{process.name}.log"
        self._module = process.module
        self._nursery = nursery
        self._environment = environment
        self._process: BaseProcess | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        """How the process ended, if it did."""
        return self._process.exitcode if self._process else None

    def start(self) -> None:
        """Start the process."""
        self._process = self._nursery.start(
            self._module, name=self.name, environment=self._environment, log=self.log
        )

    def request_stop(self) -> None:
        """Ask the process to finish its work and end."""
        if self.is_running and self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """Kill the process and whatever it started."""
        if self._process is not None and self._process.pid is not None and self.is_running:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            # It may not have had the time to begin a session of its own.
            self._process.kill()
            self._process.join()
