"""Situations: what happened or is needed, as routing rules name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.errors import RuleViolated
from shared.reference.tables import rows


@dataclass(frozen=True, slots=True)
class Situation:
    """One situation."""

    code: str
    name: str
    name_en: str


class UnknownSituation(RuleViolated):
    """No situation has this code."""

    code = "unknown-situation"
    title = "Situasi tidak dikenal"
    title_en = "Unknown situation"


SITUATIONS: Final[Mapping[str, Situation]] = {
    row["code"]: Situation(row["code"], row["name_id"], row["name_en"])
    for row in rows("situations.csv")
}


def require_situation(code: str, pointer: str = "/situation") -> Situation:
    """The situation with this code; raises `UnknownSituation` pointing at the field."""
    situation = SITUATIONS.get(code)
    if situation is None:
        raise UnknownSituation("Tidak ada situasi dengan kode ini.", pointer)
    return situation
