"""Named places where a fault-injection test may kill or stall this process.

Inert unless SINERGI_FAILPOINT is set, which the test harness alone does. The form is
`name:kill` or `name:stall`, and `name:kill@3` acts on the third hit only. A stalled process goes
on where it stood when the test sends SIGCONT.
"""

import functools
import os
import signal
from collections import Counter

_hits: Counter[str] = Counter()


def hit(name: str) -> None:
    """Do what the test asked for at this place; in production, nothing."""
    armed = _armed()
    if not armed or not armed.startswith(name + ":"):
        return
    action, _, turn = armed.removeprefix(name + ":").partition("@")
    _hits[name] += 1
    if turn and _hits[name] != int(turn):
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stall":
        os.kill(os.getpid(), signal.SIGSTOP)


@functools.cache
def _armed() -> str:
    """Asked when the first place is passed: a fork has loaded this before its settings are set."""
    return os.environ.get("SINERGI_FAILPOINT", "")
