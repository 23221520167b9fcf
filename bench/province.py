"""Jawa Timur full of work: referrals by COPY over all its kecamatan, with who holds them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from bench.copying import Row, bare_tables, copy, settle
from services.cases.storage.open_counts import AGES_NOW_SQL, OPEN_NOW_SQL
from shared.reference.areas import children

PROVINCE: Final = "35"
TABLES: Final = ("referrals", "cases")
_STEP: Final = 50_000
_ENDED_SHARE: Final = 5
"""One referral in so many more has ended within the last 30 days."""
_PILLARS: Final = (
    ("PSM", 13, 30), ("TKSK", 8, 25), ("KARANG_TARUNA", 13, 10), ("PENSOSMAS", 13, 10),
    ("PENDAMPING_PKH", 8, 10), ("TAGANA", 5, 8), ("DINSOS", 5, 7),
)  # fmt: skip
"""Pillar, the length of the codes of its areas, and its share in a hundred."""
_STATUSES: Final = (
    ("sent", 40), ("accepted", 20), ("in_progress", 25), ("on_hold", 5), ("returned", 10),
)  # fmt: skip
_URGENCIES: Final = (("emergency", 5), ("high", 25), ("normal", 55), ("low", 15))
_LEVELS: Final = (("C1", 70), ("C2", 25), ("C3", 5))
_CASE: Final = (
    "id", "number", "beneficiary_id", "area", "opened_by", "opened_at", "phase", "is_open",
    "version", "closed_at", "close_reason",
)  # fmt: skip
_REFERRAL: Final = (
    "id", "case_id", "case_number", "beneficiary_id", "status", "version", "pillar", "area",
    "worker_id", "holder_id", "sender_id", "sender_pillar", "sender_area", "place", "category",
    "situation", "urgency", "confidentiality", "need", "legal_basis", "rule_id", "reasons",
    "flags", "pool", "reply_limit", "act_limit", "close_limit", "working", "role", "attributes",
    "named", "sent_at", "seen_at", "replied_at", "ended_at", "escalation_level", "reply_by",
    "act_by", "close_by", "due_at",
)  # fmt: skip


@dataclass
class Province:
    """Its areas, and the one worker of each pillar in each area, by the same luck every time."""

    luck: random.Random = field(default_factory=lambda: random.Random(35))
    workers: dict[tuple[str, str], UUID] = field(default_factory=dict)
    filled: int = 0

    def __post_init__(self) -> None:
        self.regencies = [code for code, _ in children(PROVINCE)]
        self.districts = [code for one in self.regencies for code, _ in children(one)]
        # A few kecamatan of islands have no village in the reference.
        self.villages = [
            village
            for one in self.districts
            for village in ([code for code, _ in children(one)] or [one])
        ]
        by_district: dict[str, list[str]] = {}
        for village in self.villages:
            by_district.setdefault(village[:8], []).append(village)
        self._villages_of = by_district

    def worker(self, pillar: str, area: str) -> UUID:
        """Who works there for the pillar."""
        key = (pillar, area)
        if key not in self.workers:
            self.workers[key] = UUID(int=(35 << 100) + len(self.workers))
        return self.workers[key]

    async def fill(self, connection: asyncpg.Connection, open_referrals: int) -> None:
        """Bring the number of open referrals up to this many, and the indexes up with them."""
        now = datetime.now(UTC)
        first, self.filled = self.filled, open_referrals
        async with bare_tables(connection, "cases", TABLES):
            for start in range(first, open_referrals, _STEP):
                numbers = range(start, min(start + _STEP, open_referrals))
                made = [one for number in numbers for one in self._made(number, now)]
                await copy(connection, "cases", "cases", _CASE, (case for case, _ in made))
                await copy(connection, "cases", "referrals", _REFERRAL, (one for _, one in made))
        # The rows came past the trigger that counts them.
        for table, counted in (("open_counts", OPEN_NOW_SQL), ("open_ages", AGES_NOW_SQL)):
            await connection.execute(f"delete from cases.{table}")  # noqa: S608 - our own words
            await connection.execute(f"insert into cases.{table} {counted}")
        await self._employ(connection)
        kept = ("open_counts", "open_ages", "known_duties", "known_workers")
        await settle(connection, "cases", (*TABLES, *kept))

    def _made(self, number: int, now: datetime) -> Iterator[tuple[Row, Row]]:
        yield self._case_and_referral(2 * number, now, ended=False)
        if number % _ENDED_SHARE == 0:
            yield self._case_and_referral(2 * number + 1, now, ended=True)

    def _case_and_referral(self, number: int, now: datetime, *, ended: bool) -> tuple[Row, Row]:
        luck = self.luck
        district = luck.choice(self.districts)
        village = luck.choice(self._villages_of[district])
        pillar, length = _drawn(luck, [((name, size), share) for name, size, share in _PILLARS])
        status = "completed" if ended else _drawn(luck, _STATUSES)
        holder = None if status in ("sent", "returned") else self.worker(pillar, village[:length])
        sender = self.worker("PSM", village)
        sent_at = now - timedelta(minutes=luck.randrange(60, 60 * 24 * 28))
        answered = status != "sent"
        late = not ended and status != "returned" and luck.random() < 0.08
        due_at = now + timedelta(minutes=luck.randrange(1, 60 * 24) * (-1 if late else 14))
        case_id, beneficiary = UUID(int=(1 << 100) + number), UUID(int=(2 << 100) + number)
        case_number = f"RJ-{village[:5]}-2026-{number:07}"
        ended_at = sent_at + (now - sent_at) * luck.random() if ended else None
        running = not ended and status not in ("returned", "on_hold")
        case = (
            case_id, case_number, beneficiary, village, sender, sent_at, "intervention",
            not ended, 1, ended_at, "need_met" if ended else None,
        )  # fmt: skip
        referral: Row = (
            UUID(int=(3 << 100) + number), case_id, case_number, beneficiary, status,
            2 if answered else 1, pillar, village[:length], None, holder, sender, "PSM", village,
            village, "GLD", "HOMELESS", _drawn(luck, _URGENCIES), _drawn(luck, _LEVELS),
            "Tidur di emper pasar sejak tiga hari, belum makan sejak kemarin.", "public_task",
            "R026", ["Aturan R026: TKSK menangani keadaan ini."], [], [],
            timedelta(hours=2), timedelta(hours=24), timedelta(days=14), False, "primary", "{}",
            [], sent_at, sent_at if answered else None,
            sent_at + timedelta(minutes=luck.randrange(5, 600)) if answered else None, ended_at,
            1 if late else 0, due_at if running and not answered else None,
            None, due_at if running and answered else None, due_at if running else None,
        )  # fmt: skip
        return case, referral

    async def _employ(self, connection: asyncpg.Connection) -> None:
        await connection.execute("truncate cases.known_workers cascade")
        # Of twenty places one has nobody: the gaps of the board.
        people = [one for number, one in enumerate(self.workers.items()) if number % 20]
        await copy(
            connection, "cases", "known_workers", ("worker_id", "version", "active"),
            ((worker, 1, True) for _, worker in people),
        )  # fmt: skip
        await copy(
            connection, "cases", "known_duties",
            ("duty_id", "worker_id", "pillar", "area", "role", "starts_on"),
            ((worker, worker, pillar, area, "worker", date(2020, 1, 1))
             for (pillar, area), worker in people),
        )  # fmt: skip


def _drawn(luck: random.Random, shares: Any) -> Any:
    point = luck.random() * 100
    for value, share in shares:
        point -= share
        if point < 0:
            return value
    return shares[-1][0]
