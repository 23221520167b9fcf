"""Sex as the civil register writes it."""

from enum import StrEnum


class Sex(StrEnum):
    """The two entries of the civil register; unknown is None."""

    MALE = "M"
    FEMALE = "F"
