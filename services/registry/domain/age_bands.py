"""The sexes and age bands that records are counted by; the triggers know who is in which."""

from enum import StrEnum
from typing import Final


class Band(StrEnum):
    """Completed years; of a birth whose year alone is known, those reached in this year."""

    TODDLER = "0-4"
    CHILD = "5-17"
    ADULT = "18-59"
    ELDER = "60+"
    UNKNOWN = "unknown"


class CountedSex(StrEnum):
    """Sex as records are counted; families and groups have none."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "unknown"


LEAVES: Final = tuple((sex, band) for sex in CountedSex for band in Band)
"""Every pair of sex and age band; their counts add up to the records of an area."""
