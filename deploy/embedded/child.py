"""Child processes that never outlive the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.01
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Account:
    """A user account of this machine that a child process runs under."""

    uid: int
    gid: int


def spawn(
    argv: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    account: Account | None = None,
    on_parent_death: signal.Signals | None = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, with its output appended to a log only its owner reads.

    The own session keeps a Ctrl-C in the terminal away from the children: they are stopped in
    order instead of all at once.
    """
    with log.open("ab") as output:
        log.chmod(0o600)
        return subprocess.Popen(
            [str(part) for part in argv],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_tether(on_parent_death),  # noqa: PLW1509 - it only makes system calls
        )


def processes_in(folder: Path, name: str) -> list[psutil.Process]:
    """Return the processes of that program name whose working folder is this one."""
    return [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == name and process.info["cwd"] == str(folder)
    ]


def end_processes(processes: Sequence[psutil.Process], sig: signal.Signals, seconds: float) -> None:
    """Signal processes, wait for them, and kill those that are still there when time is up."""
    _send(processes, sig)
    if not wait_for(lambda: not _alive(processes), seconds):
        alive = _alive(processes)
        _send(alive, signal.SIGKILL)
        wait_for(lambda: not _alive(alive), seconds)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Say whether the condition came true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def last_line(log: Path) -> str:
    """Return the last line of a log that says something."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), "no output")


def _send(processes: Sequence[psutil.Process], sig: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(sig)


def _alive(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Leave out zombies: they hold nothing any more and wait only to be counted."""
    alive = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive


def tether(parent: int, sig: signal.Signals) -> None:
    """Ask the kernel to signal this process when its parent dies, so SIGKILL leaves no orphan.

    The kernel watches the thread that started the child: start children from the main thread.
    Systems other than Linux lack this; there the next start takes over what was left running.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), sig)


def _tether(sig: signal.Signals | None) -> Callable[[], None] | None:
    if sig is None:
        return None
    parent = os.getpid()
    return lambda: tether(parent, sig)
