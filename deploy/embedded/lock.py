"""One supervisor per data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.problem import Problem


@contextmanager
def sole_supervisor(folder: Path) -> Iterator[None]:
    """Hold the folder for this process, or raise a Problem that names the one holding it."""
    with _lock_file(folder).open("a+") as file:
        if not _locked(file.fileno()):
            raise Problem(
                f"Sinergi already runs on {folder} ({_holder(folder)}): stop it first "
                "or set SINERGI_DATA to another folder."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def is_supervised(folder: Path) -> bool:
    """Say whether a supervisor runs on the folder now."""
    if not _lock_file(folder).exists():
        return False
    with _lock_file(folder).open() as file:
        return not _locked(file.fileno())


def _lock_file(folder: Path) -> Path:
    return folder / "supervisor.lock"


def _holder(folder: Path) -> str:
    return f"process {_lock_file(folder).read_text().strip() or 'unknown'}"


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
