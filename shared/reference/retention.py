"""How long a record is kept after the last thing that happened to it, by PPKS category.

The law names no number (UU 27/2022 art. 16, 42-44), so each office confirms or changes its own.
"""

from collections.abc import Mapping
from typing import Final

from shared.reference.tables import rows

RETENTION_YEARS: Final[Mapping[str, int]] = {
    row["code"]: int(row["years"]) for row in rows("retention.csv")
}
"""Whole years per category; every one of these defaults is proposed, not decided."""
SHORTEST_YEARS: Final = 1
"""Of a record without a category."""
