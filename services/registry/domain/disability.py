"""Kinds of disability, for the help they call for."""

from enum import StrEnum


class Disability(StrEnum):
    """The kinds of UU 8/2016 art. 4; a person may have several."""

    PHYSICAL = "physical"
    INTELLECTUAL = "intellectual"
    MENTAL = "mental"
    SENSORY = "sensory"
