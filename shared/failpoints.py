"""Named places where a fault-injection test may kill or stall this process.

Inert unless SINERGI_FAILPOINT is set, which the test harness alone does. The form is
`name:kill` or `name:stall`, and `name:kill@3` acts on the third hit only. A stalled process goes
on where it stood when the test sends SIGCONT.
"""

import os
import signal
from collections import Counter
from typing import Final

_ARMED: Final = os.environ.get("SINERGI_FAILPOINT", "")
_hits: Counter[str] = Counter()


def hit(name: str) -> None:
    """Do what the test asked for at this place; in production, nothing."""
    if not _ARMED or not _ARMED.startswith(name + ":"):
        return
    action, _, turn = _ARMED.removeprefix(name + ":").partition("@")
    _hits[name] += 1
    if turn and _hits[name] != int(turn):
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stall":
        os.kill(os.getpid(), signal.SIGSTOP)
