"""The social pillars (pilar sosial) and other holders of duties, and where each is placed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.errors import RuleViolated
from shared.reference.areas import Level
from shared.reference.tables import rows

_LEVELS: Final = {
    "DESA": Level.VILLAGE,
    "KECAMATAN": Level.DISTRICT,
    "KABKOTA": Level.REGENCY,
    "PROVINSI": Level.PROVINCE,
}
DINSOS: Final = "DINSOS"
VILLAGE_GOVERNMENT: Final = "DESA_GOV"


@dataclass(frozen=True, slots=True)
class Pillar:
    """One pillar; `level` is the area a duty of it usually covers."""

    code: str
    name: str
    name_en: str
    level: Level
    is_core: bool


class UnknownPillar(RuleViolated):
    """No pillar has this code."""

    code = "unknown-pillar"
    title = "Pilar tidak dikenal"
    title_en = "Unknown pillar"


_OFFICES: Final = (
    Pillar(DINSOS, "Dinas Sosial", "Social Affairs Office", Level.REGENCY, is_core=False),
    Pillar(
        VILLAGE_GOVERNMENT, "Pemerintah Desa", "Village government", Level.VILLAGE, is_core=False
    ),
)
PILLARS: Final[Mapping[str, Pillar]] = {
    **{
        row["code"]: Pillar(
            row["code"],
            row["name_id"],
            row["name_en"],
            _LEVELS[row["admin_level"]],
            is_core=row["is_core_pillar"] == "Y",
        )
        for row in rows("pillars.csv")
    },
    **{office.code: office for office in _OFFICES},
}


def require_pillar(code: str, pointer: str = "/pillar") -> Pillar:
    """The pillar with this code; raises `UnknownPillar` pointing at the field."""
    pillar = PILLARS.get(code)
    if pillar is None:
        raise UnknownPillar("Tidak ada pilar dengan kode ini.", pointer)
    return pillar
