"""Kinds of outside services: who helps beside the pillars, as routing rules name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.errors import RuleViolated
from shared.reference.tables import rows


@dataclass(frozen=True, slots=True)
class OutsideKind:
    """One kind of outside service."""

    code: str
    name: str
    name_en: str


class UnknownOutsideKind(RuleViolated):
    """No kind of outside service has this code."""

    code = "unknown-outside-kind"
    title = "Jenis layanan tidak dikenal"
    title_en = "Unknown kind of outside service"


OUTSIDE_KINDS: Final[Mapping[str, OutsideKind]] = {
    row["code"]: OutsideKind(row["code"], row["name_id"], row["name_en"])
    for row in rows("outside_services.csv")
}


def require_outside_kind(code: str, pointer: str = "/kind") -> OutsideKind:
    """The kind with this code; raises `UnknownOutsideKind` pointing at the field."""
    kind = OUTSIDE_KINDS.get(code)
    if kind is None:
        raise UnknownOutsideKind("Tidak ada jenis layanan dengan kode ini.", pointer)
    return kind
