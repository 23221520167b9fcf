"""How soon everything is ready from a stopped state, and what it weighs."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.report import Line
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.valkey import EmbeddedValkey
from tests.fixtures.processes import ROOT, weight_of
from tests.fixtures.stack import BINARIES, free_port

_READY = re.compile(r"ready after ([0-9.]+) s")
_SERVERS = ("postgres", "valkey")
_PORTS = ("PORTAL", "DIRECTORY", "REGISTRY", "CASES", "NOTIFICATIONS", "POSTGRES", "REDIS")


def lines() -> list[Line]:
    """The first start with demo data, the next one, and the memory of all processes.

    Each beside PostgreSQL and Valkey alone, with nothing in them.
    """
    with tempfile.TemporaryDirectory(prefix="sinergi-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        first, _ = _run(folder)
        again, memory = _run(folder)
        bare_first, _ = _bare(folder / "bare")
        bare_again, bare_memory = _bare(folder / "bare")
    return [
        Line("First start, with demo data", "s", first, bare_first, goal=10, less_is_better=True),
        Line("Next start", "s", again, bare_again, goal=10, less_is_better=True),
        Line("Memory of all processes (PSS)", "MB", memory, bare_memory, goal=700,
             less_is_better=True),
    ]  # fmt: skip


def _bare(folder: Path) -> tuple[float, float]:
    """Seconds until both servers answer, and what they weigh then."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    postgres = EmbeddedPostgres(folder / "postgres", free_port())
    valkey = EmbeddedValkey(folder / "valkey", free_port())
    started = time.perf_counter()
    postgres.prepare()
    postgres.start()
    valkey.start()
    postgres.wait_ready()
    valkey.wait_ready()
    seconds = time.perf_counter() - started
    time.sleep(2)
    servers = [one for one in psutil.Process().children() if one.name().startswith(_SERVERS)]
    memory = sum(weight_of(one.pid) for one in servers)
    postgres.stop()
    valkey.stop()
    return seconds, memory


def _run(folder: Path) -> tuple[float, float]:
    environment = {
        **os.environ,
        "SINERGI_DATA": str(folder / "data"),
        **{f"{name}_PORT": str(free_port()) for name in _PORTS},
        "PYTHONPATH": str(ROOT),
    }
    BINARIES.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.cli", "up"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = next((found for line in process.stdout if (found := _READY.search(line))), None)
    if found is None:
        raise RuntimeError("the start ended without saying that it is ready")
    time.sleep(5)
    memory = weight_of(process.pid)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return float(found.group(1)), memory
