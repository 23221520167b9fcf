"""Why a plan chose what it chose, in words for the sender."""

from typing import Final

from services.cases.domain.labels import URGENCIES
from shared.contracts.codes import Confidentiality, Urgency

LEVELS: Final = {
    "DESA": "desa atau kelurahan",
    "KECAMATAN": "kecamatan",
    "KABKOTA": "kabupaten atau kota",
    "PROVINSI": "provinsi",
    "NASIONAL": "nasional",
}
"""The levels of government as rules name them."""
_WHO_READS: Final = {
    Confidentiality.C1: "dibaca pilar yang dituju dan Dinas Sosial",
    Confidentiality.C2: "dibaca petugas yang menangani, TKSK, pekerja sosial, dan Dinas Sosial",
    Confidentiality.C3: "dibaca orang yang disebut saja",
}


def why_urgent(chosen: Urgency, of_rule: Urgency, rule_id: str, haste: int) -> str:
    """Whose choice the urgency is; `haste` is how much more the sender asks for than the rule."""
    label = URGENCIES[chosen][0]
    if not haste:
        return f"Urgensi {label} menurut aturan {rule_id}."
    more = "lebih" if haste > 0 else "kurang"
    asked = URGENCIES[of_rule][0]
    return f"Urgensi {label} dipilih pengirim, {more} mendesak daripada aturan {rule_id} ({asked})."


def why_confidential(level: Confidentiality, of_category: Confidentiality) -> str:
    """Where the level comes from, and who reads on it."""
    source = "kategorinya" if level is of_category else "aturan untuk keadaan ini"
    return f"Kerahasiaan {level} menurut {source}: {_WHO_READS[level]}."


def why_until(rule_id: str, *, working: bool) -> str:
    """Where the deadlines come from, and how they are counted."""
    counted = "hari kerja" if working else "jam biasa, juga pada hari libur"
    return f"Batas waktu menurut aturan {rule_id}, dihitung dalam {counted}."


def why_level(level: str) -> str:
    """At which level it is handled, and who hears of a missed deadline."""
    return (
        f"Ditangani di tingkat {LEVELS[level]}; bila lewat tenggat, koordinator pilar terdekat "
        "diberi tahu, lalu Dinas Sosial, lalu dialihkan."
    )
