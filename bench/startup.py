"""How soon everything is ready from a stopped state, and what it weighs."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Line
from tests.fixtures.processes import ROOT, weight_of
from tests.fixtures.stack import BINARIES, free_port

_READY = re.compile(r"ready after ([0-9.]+) s")
_PORTS = ("PORTAL", "DIRECTORY", "REGISTRY", "CASES", "NOTIFICATIONS", "POSTGRES", "REDIS")


def lines() -> list[Line]:
    """The first start with demo data, the next one, and the memory of all processes."""
    with tempfile.TemporaryDirectory(prefix="sinergi-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        first, _ = _run(folder)
        again, memory = _run(folder)
    return [
        Line("First start, with demo data", "s", first, goal=10, less_is_better=True),
        Line("Next start", "s", again, goal=10, less_is_better=True),
        Line("Memory of all processes (PSS)", "MB", memory, goal=700, less_is_better=True),
    ]


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
