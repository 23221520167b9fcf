import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from deploy.embedded.child import wait_for
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.secrets import load_secrets
from deploy.embedded.valkey import EmbeddedValkey
from deploy.processes import PROJECT
from tests.fixtures.stack import BINARIES, Stack, free_port
from tests.integration.deploy.conftest import copy_data

STEP = "tests.integration.deploy.failing_step"


class Supervised:
    """A supervisor in a process of its own, and what it started."""

    def __init__(self, folder: Path, *steps: str, **extra: str) -> None:
        self.folder = folder / "data"
        self.port = free_port()
        self._output = folder / f"supervisor-{self.port}.txt"
        self._settings = {
            "SINERGI_DATA": str(self.folder),
            "DUMMY_PORT": str(self.port),
            "DUMMY_BINARIES": str(BINARIES),
        }
        for name in ("POSTGRES_PORT", "REDIS_PORT"):
            self._settings[name] = str(free_port())
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.deploy.supervise_dummy", *steps],
                cwd=PROJECT,
                env=dict(os.environ) | self._settings | extra,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def says(self, pattern: str, seconds: float = 20) -> bool:
        return wait_for(lambda: re.search(pattern, self.output) is not None, seconds)

    @property
    def output(self) -> str:
        return self._output.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def dummy(self) -> psutil.Process:
        [found] = [child for child in self.family() if child.name() == "dummy"]
        return found

    def answers(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self.port}/health/live"
            return httpx2.get(url, timeout=1, trust_env=False).is_success
        except httpx2.HTTPError:
            return False


@pytest.fixture
def supervise(folder: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(*steps: str, **extra: str) -> Supervised:
        started.append(Supervised(folder, *steps, **extra))
        return started[-1]

    yield start
    for supervised in started:
        if supervised.process.poll() is None:
            supervised.process.send_signal(signal.SIGTERM)
        supervised.process.wait(30)


@pytest.fixture
def ready(supervise: Callable[..., Supervised], folder: Path, first_data: Path) -> Supervised:
    data = folder / "data"
    data.mkdir()
    load_secrets(data)
    copy_data(first_data, data / "postgres")
    supervised = supervise()
    assert supervised.says("Sinergi is ready"), supervised.output
    return supervised


def test_an_interrupt_stops_everything_in_order_and_leaves_no_process(ready: Supervised) -> None:
    family = ready.family()
    names = {process.name() for process in family}
    assert {"postgres", "valkey-server"} <= names
    ready.process.send_signal(signal.SIGINT)
    assert ready.process.wait(20) == 0
    assert wait_for(lambda: all(is_gone(process) for process in family), 5)
    assert ready.output.endswith("Sinergi is stopped.\n")
    assert "database system is shut down" in (ready.folder / "postgres/postgres.log").read_text()
    assert not (ready.folder / "environment.json").exists()


def test_a_service_begins_with_what_all_services_load(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise(DUMMY_SHARES="1")
    assert supervised.says("Sinergi is ready"), supervised.output
    url = f"http://127.0.0.1:{supervised.port}/shared"
    assert httpx2.get(url, timeout=2, trust_env=False).status_code == 200


def test_a_killed_service_comes_back(ready: Supervised) -> None:
    first = ready.dummy()
    first.kill()
    assert ready.says(r"dummy ended \(signal 9\); it restarts in 0\.2 s")
    assert wait_for(ready.answers, 10)
    assert ready.dummy() != first


def test_a_service_that_ends_without_an_error_comes_back(ready: Supervised) -> None:
    """INVARIANT: a consumer that lost its stream ends with code 0 and must still come back."""
    httpx2.get(f"http://127.0.0.1:{ready.port}/end", timeout=2, trust_env=False)
    assert ready.says(r"dummy ended \(exit code 0\); it restarts")
    assert wait_for(ready.answers, 10)


def test_a_service_that_hangs_is_replaced(ready: Supervised) -> None:
    first = ready.dummy()
    first.suspend()
    assert ready.says("dummy gave no sign of life for 1 s; it restarts")
    assert wait_for(ready.answers, 10)
    assert is_gone(first)


def test_a_service_that_keeps_failing_is_restarted_ever_more_patiently(ready: Supervised) -> None:
    for delay in ("0.2", "0.4", "0.8"):
        assert wait_for(ready.answers, 10)
        ready.dummy().kill()
        assert ready.says(rf"it restarts in {re.escape(delay)} s")


@pytest.mark.parametrize(
    ("name", "called"), [("postgres", "postgres"), ("valkey-server", "valkey")]
)
def test_a_killed_server_comes_back(ready: Supervised, name: str, called: str) -> None:
    first = next(process for process in ready.family() if process.name() == name)
    first.kill()
    assert ready.says(rf"{called} ended \(signal 9\); it restarts")
    assert wait_for(
        lambda: any(process.name() == name and process != first for process in ready.family()), 10
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of the death")
def test_nothing_outlives_a_killed_supervisor_and_the_next_start_continues(
    ready: Supervised, supervise: Callable[..., Supervised]
) -> None:
    family = ready.family()
    ready.process.kill()
    assert wait_for(lambda: all(is_gone(process) for process in family), 15)
    assert supervise().says("Sinergi is ready")


def test_a_second_supervisor_on_the_same_data_is_refused(
    ready: Supervised, supervise: Callable[..., Supervised]
) -> None:
    second = supervise()
    assert second.process.wait(20) == 1
    pid = ready.process.pid
    assert second.output.startswith(f"Sinergi already runs on {ready.folder} (process {pid})")
    assert ready.answers()


def test_a_second_interrupt_ends_a_stubborn_service_at_once(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise(DUMMY_STUBBORN="1")
    assert supervised.says("Sinergi is ready")
    family = supervised.family()
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.says("press Ctrl-C again")
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(10) == 0
    assert wait_for(lambda: all(is_gone(process) for process in family), 5)


def test_a_preparation_that_fails_is_a_sentence_and_stops_what_runs(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise(STEP)
    assert supervised.process.wait(20) == 1
    last = supervised.output.splitlines()[-1]
    assert last.startswith(f"{STEP} failed; its log ")
    assert last.endswith("ends with: the reason why")
    assert "Traceback" not in supervised.output
    assert "Sinergi is stopped." in supervised.output


def test_a_setting_that_keeps_a_service_from_starting_is_a_sentence(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise(DUMMY_BROKEN="yes")
    assert supervised.process.wait(30) == 1
    last = supervised.output.splitlines()[-1]
    assert last == "dummy cannot start. The setting DUMMY_BROKEN is broken."
    assert "restarts" not in supervised.output


def test_a_taken_service_port_is_a_sentence(
    ready: Supervised, folder: Path, supervise: Callable[..., Supervised]
) -> None:
    other = supervise(DUMMY_PORT=str(ready.port), SINERGI_DATA=str(folder / "other"))
    assert other.process.wait(20) == 1
    assert f"Port {ready.port} for dummy is already taken" in other.output
    assert "Traceback" not in other.output


def test_servers_given_from_outside_are_used_and_not_started(
    supervise: Callable[..., Supervised], postgres: EmbeddedPostgres, valkey: EmbeddedValkey
) -> None:
    supervised = supervise(POSTGRES_URL=postgres.url(), REDIS_URL=valkey.url)
    assert supervised.says("Sinergi is ready"), supervised.output
    assert not {"postgres", "valkey-server"} & {one.name() for one in supervised.family()}
    environment = json.loads((supervised.folder / "environment.json").read_text())
    assert environment["POSTGRES_URL"] == postgres.url()
    assert environment["REDIS_URL"] == valkey.url


def test_keys_are_never_made_anew_for_a_database_of_the_operator(
    supervise: Callable[..., Supervised], stack: Stack
) -> None:
    """INVARIANT: new keys beside old data would make every NIK unreadable without a word."""
    servers = {"POSTGRES_URL": stack.owner_url, "REDIS_URL": stack.redis_url}
    refused = supervise(**servers)
    assert refused.process.wait(20) == 1
    assert "put the file back from your backup" in refused.output
    assert not (refused.folder / "secrets.json").exists()
    keys = ("REGISTRY_NIK_KEYS", "REGISTRY_NIK_INDEX_KEY", "CASES_ATTACHMENT_KEYS")
    known = supervise(**servers, **{key: stack.environment[key] for key in keys})
    assert known.says("Sinergi is ready"), known.output


def test_a_postgresql_that_does_not_answer_is_a_sentence(
    supervise: Callable[..., Supervised],
) -> None:
    secret = "hush"
    supervised = supervise(POSTGRES_URL=f"postgresql://o:{secret}@127.0.0.1:{free_port()}/sinergi")
    assert supervised.process.wait(20) == 1
    assert "PostgreSQL does not answer (ConnectionRefusedError)" in supervised.output
    assert secret not in supervised.output
    assert "Traceback" not in supervised.output


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
