"""A point on the map, for those whose home no address finds."""

from dataclasses import dataclass
from typing import Final, Self

from shared.errors import RuleViolated

LATITUDES: Final = (-11.1, 6.3)
LONGITUDES: Final = (94.9, 141.1)
"""From Rote to Miangas and from Sabang to Merauke."""
_DECIMALS: Final = 5
"""About a metre; what a telephone adds to that is noise."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees north and east (WGS 84)."""

    latitude: float
    longitude: float

    @classmethod
    def at(cls, latitude: float, longitude: float) -> Self:
        """A point in Indonesia; raises `RuleViolated` for one elsewhere."""
        (south, north), (west, east) = LATITUDES, LONGITUDES
        if not (south <= latitude <= north and west <= longitude <= east):
            raise RuleViolated("Titik ini di luar Indonesia.", "/point")
        return cls(round(latitude, _DECIMALS), round(longitude, _DECIMALS))
