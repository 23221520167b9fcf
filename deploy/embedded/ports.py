"""Ports of this machine: which are free, and what to say when one is taken."""

import socket
from contextlib import closing

from deploy.embedded.child import wait_for
from deploy.embedded.problem import Problem

LOOPBACK = "127.0.0.1"
_GRACE_SECONDS = 3.0


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port of the loopback address."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def require_free(port: int, setting: str, owner: str) -> None:
    """Raise a Problem when another program holds the port.

    A short patience covers the children of a killed supervisor that are still ending.
    """
    if not wait_for(lambda: is_free(port), _GRACE_SECONDS):
        raise Problem(
            f"Port {port} for {owner} is already taken by another program on this machine: "
            f"stop that program or set {setting} to a free port."
        )
