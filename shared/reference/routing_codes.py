"""Codes that routing rules use and no other table names."""

from typing import Final

from shared.reference.tables import rows

OUTSIDE_SERVICES: Final = frozenset(
    code
    for row in rows("routing_rules.csv")
    for code in row["external_services"].split("|")
    if code
)
"""Kinds of services outside the pillars, such as PUSKESMAS or UPTD_PPA."""
