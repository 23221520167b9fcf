"""What coordinators take home as a sheet: codes and figures, nobody's name or need."""

from datetime import datetime
from typing import Any, Final

from services.cases.domain.labels import AGES, URGENCIES
from services.cases.domain.referral_status import STATUSES
from services.cases.storage.boards import By, Line
from shared.contracts.codes import Confidentiality, ReferralStatus, Urgency
from shared.reference.areas import label_of
from shared.reference.pillars import PILLARS
from shared.sheets import Cell

_HOUR: Final = 3600

BOARD_HEAD: Final = (
    "Kode", "Nama", "Terbuka", "Terlambat", "Dieskalasi",
    "Jawaban 30 hari", "Jawaban median (jam)", "Jawaban p90 (jam)",
    "Selesai 30 hari", "Selesai median (jam)", "Selesai p90 (jam)",
)  # fmt: skip
OPEN_HEAD: Final = (
    "Nomor kasus", "Status", "Pilar", "Kode wilayah", "Wilayah", "Urgensi", "Kategori",
    "Dikirim (WIB)", "Jawab sebelum (WIB)", "Tangani sebelum (WIB)", "Selesaikan sebelum (WIB)",
    "Terlambat", "Tingkat eskalasi",
)  # fmt: skip


def board_row(line: Line, by: By) -> list[Cell]:
    """A line of the board."""
    times = [
        value
        for one in (line.reply, line.completion)
        for value in (
            (one.count, round(one.median / _HOUR, 2), round(one.p90 / _HOUR, 2))
            if one
            else (0, None, None)
        )
    ]
    return [
        line.key or "",
        _name(line.key, by),
        line.open,
        line.overdue,
        line.escalated,
        *times,
    ]


def open_row(row: Any, now: datetime) -> list[Cell]:
    """A line of the open list; the category of what is confidential stays out."""
    plain = row["confidentiality"] == Confidentiality.C1.value
    return [
        row["case_number"],
        STATUSES[ReferralStatus(row["status"])].label,
        PILLARS[row["pillar"]].name,
        row["area"],
        label_of(row["area"]),
        URGENCIES[Urgency(row["urgency"])][0],
        row["category"] if plain else "",
        row["sent_at"],
        row["reply_by"],
        row["act_by"],
        row["close_by"],
        "ya" if row["due_at"] is not None and row["due_at"] < now else "tidak",
        row["escalation_level"],
    ]


def _name(key: str | None, by: By) -> str:
    if key is None:
        return "Semua"
    match by:
        case By.STATUS:
            return STATUSES[ReferralStatus(key)].label
        case By.PILLAR:
            return PILLARS[key].name
        case By.URGENCY:
            return URGENCIES[Urgency(key)][0]
        case By.AREA:
            return label_of(key)
        case By.AGE:
            return AGES[key][0]
