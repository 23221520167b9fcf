"""Where PostgreSQL keeps its files, and the account it runs under."""

import hashlib
import os
import pwd
import stat
import tempfile
from pathlib import Path

from deploy.embedded.child import Account
from deploy.embedded.problem import Problem

_UNPRIVILEGED = "nobody"
_SYSTEM_FOLDER = Path("/var/lib/sinergi")


def server_account() -> Account | None:
    """Return the account PostgreSQL needs when we are root, which it refuses to run as."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(_UNPRIVILEGED)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def reachable_folder(wanted: Path, account: Account | None) -> tuple[Path, str]:
    """Return a folder the account can reach, and one sentence if it is not the wanted one."""
    wanted = wanted.resolve()
    if account is None or _can_reach(wanted, account):
        return wanted, ""
    name = hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
    for base in (_SYSTEM_FOLDER, Path(tempfile.gettempdir()).resolve() / "sinergi"):
        if _made(base) and _can_reach(base / name, account):
            return base / name, (
                f"PostgreSQL keeps its data in {base / name}, because the account "
                f'"{_UNPRIVILEGED}" it runs under may not enter {wanted}.'
            )
    raise Problem(
        f'The account "{_UNPRIVILEGED}" that PostgreSQL runs under may not enter {wanted}: '
        "set SINERGI_DATA to a folder whose parents everyone may enter (mode 711)."
    )


def own_folder(folder: Path, account: Account | None) -> None:
    """Make the folder, private to the account that uses it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if account is not None:
            os.chown(folder, account.uid, account.gid)
        folder.chmod(0o700)
    except OSError as error:
        raise Problem(
            f"The folder {folder} cannot be written ({error.strerror}): "
            "give yourself the right to write there or set SINERGI_DATA to another folder."
        ) from error


def _can_reach(folder: Path, account: Account) -> bool:
    return all(_may_enter(parent, account) for parent in folder.parents if parent.exists())


def _may_enter(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _made(base: Path) -> bool:
    try:
        base.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError:
        return False
    return True
