"""Words of Indonesian names that say little: titles, and given names that many bear."""

from collections.abc import Mapping
from typing import Final

from shared.reference.tables import rows

_ROWS: Final = rows("name_words.csv")
TITLES: Final = frozenset(row["written"] for row in _ROWS if row["kind"] == "title")
"""Said before or after a name, or between it and the father's; no part of it."""
COMMON_SOUNDS: Final[Mapping[str, str]] = {
    row["written"]: row["spoken"] for row in _ROWS if row["kind"] == "common"
}
"""The one spelling of given names that are mostly shortened."""
COMMON: Final = frozenset(COMMON_SOUNDS.values())
"""Borne by so many that they say little of who it is."""
