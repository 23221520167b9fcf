"""Keeps the logs of a long-running installation from filling the disk."""

import shutil
from pathlib import Path

LIMIT_BYTES = 20 * 1024 * 1024


def limit_log(log: Path, limit: int = LIMIT_BYTES) -> None:
    """Move what a log holds to one older file once it is too long.

    The writer keeps its file open, so the content is copied and the file cut, not renamed.
    """
    if log.exists() and log.stat().st_size > limit:
        older = log.with_suffix(f"{log.suffix}.1")
        older.touch(mode=0o600)
        shutil.copyfile(log, older)
        with log.open("r+b") as file:
            file.truncate(0)
