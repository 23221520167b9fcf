"""How Python looks for garbage in a process of ours."""

import gc
from typing import Final

YOUNG_OBJECTS: Final = 50_000
"""How many new objects between two collections; Python's 700 suits small programs."""


def settle() -> None:
    """Say that what is there now stays.

    The collector need not walk it again and again, which cost every tenth request milliseconds,
    and a list of people nearly a third of its processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
