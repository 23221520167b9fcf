"""How many people live in a kabupaten or kota; nothing narrower is published for all of them."""

from collections.abc import Mapping
from typing import Final

from shared.reference.areas import LENGTH_OF, Level
from shared.reference.tables import rows

RESIDENTS: Final[Mapping[str, int]] = {
    row["area"]: int(row["residents"]) for row in rows("populations.csv")
}


def residents_of(area: str) -> int | None:
    """The residents of a kabupaten or kota, or of a province; None where they are not known."""
    if len(area) == LENGTH_OF[Level.PROVINCE]:
        return sum(count for code, count in RESIDENTS.items() if code.startswith(area)) or None
    return RESIDENTS.get(area)
