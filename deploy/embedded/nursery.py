"""Starts processes as forks of one that has already loaded what they have in common.

Each alone would load the same libraries: five services and two preparations begin in the time of
one, and hold one copy in memory. Where services run apart, as in containers, each loads its own.
"""

import ctypes
import multiprocessing
import os
import runpy
import signal
import sys
import threading
from collections.abc import Mapping
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from deploy.embedded.child import tether
from deploy.processes import PROJECT

_IN_COMMON: Final = "deploy.embedded.in_common"
_PR_SET_NAME: Final = 15


class Nursery:
    """The process to fork from; it loads while the servers start."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([_IN_COMMON])
        forkserver.ensure_running()

    def start(
        self, module: str, *, name: str, environment: Mapping[str, str], log: Path
    ) -> BaseProcess:
        """Run a module as `python -m` would, in its own session, with its output in a log.

        The process ends when the supervisor does, however that ends.
        """
        process = self._context.Process(
            target=_run, args=(module, name, dict(environment), str(log)), name=name, daemon=True
        )
        process.start()
        return process


def _run(module: str, name: str, environment: dict[str, str], log: str) -> None:
    os.setsid()
    tether(os.getppid(), signal.SIGTERM)
    threading.Thread(target=_end_with_the_supervisor, daemon=True).start()
    _call_it(name)
    _write_to(log)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROJECT)
    sys.path.insert(0, str(PROJECT))
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_the_supervisor() -> None:
    """The kernel's tether is to the process forked from, which lives as long as its forks."""
    supervisor = multiprocessing.parent_process()
    assert supervisor is not None
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _call_it(name: str) -> None:
    """Show the service's name in lists of processes, where all forks would look alike."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())


def _write_to(log: str) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    os.close(output)
