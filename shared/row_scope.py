"""What one transaction may see: the caller and their area, for row-level security."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RowScope:
    """Who acts and the range of area codes row-level security lets through (C collation).

    The empty range lets no row through, so a transaction without a scope sees nothing.
    """

    actor: UUID | None = None
    area_from: str = ""
    area_to: str = ""


NO_SCOPE: Final = RowScope()
