"""The audit trail: who read or changed which record, in a chain that shows any later edit.

Rows are only ever inserted. A sealer links them once a second, outside the requests: chaining
inside each transaction was measured at a quarter of the speed. Rows are sealed in the order
they are found unsealed, never by number range, because numbers are not commit order: only what
lies below every number that may still come is not looked at again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from shared.auth import Actor
from shared.database import Database, Tx
from shared.logging import get_logger
from shared.rounds import Rounds
from shared.tracing import request_id

SEAL_SECONDS: Final = 1.0
SEAL_BATCH: Final = 5_000
_GENESIS: Final = b"\x00" * 32
_NUMBERED: Final = timedelta(minutes=1)
"""A transaction that was given a number and is not known to others yet will be after this time."""

_ADD_SQL: Final = """
    insert into audit_log (actor_id, actor_kind, action, subject_id, detail, request_id)
    select $1, $2, $3, s, $5, $6 from unnest($4::uuid[]) s
"""
_SEEN_SQL: Final = """
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest,
           (select coalesce(max(id), 0) from audit_log) as last
"""
_OWN_SQL: Final = "select pg_current_xact_id()::text::bigint"
_UNSEALED_SQL: Final = """
    select a.* from audit_log a
    where a.id > $1
      and not exists (select from audit_seals s where s.audit_id = a.id and s.audit_id > $1)
    order by a.id limit $2
"""
_HEAD_SQL: Final = (
    "select position, hash, complete_to from audit_seals order by position desc limit 1"
)
_SEAL_SQL: Final = """
    insert into audit_seals (position, audit_id, hash, complete_to)
    select *, $4::bigint from unnest($1::bigint[], $2::bigint[], $3::bytea[])
"""
_CHAIN_SQL: Final = """
    select s.position, s.audit_id, s.hash, a.* from audit_seals s
    left join audit_log a on a.id = s.audit_id
    where s.position > $1 order by s.position limit $2
"""
_HASH_SQL: Final = "select hash from audit_seals where position = $1"
_LOCK_SQL: Final = (
    "select pg_try_advisory_xact_lock(hashtextextended('audit:' || current_schema(), 0))"
)


def audit_tables(metadata: sa.MetaData) -> None:
    """Declare the audit tables in a service's metadata; migrations create the same."""
    sa.Table(
        "audit_log",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("actor_id", PG_UUID, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject_id", PG_UUID, nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Index("ix_audit_log_subject", "subject_id", "id"),
    )
    sa.Table(
        "audit_seals",
        metadata,
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("audit_id", sa.BigInteger, nullable=False, unique=True),
        sa.Column("hash", BYTEA, nullable=False),
        sa.Column("complete_to", sa.BigInteger, nullable=False, server_default="0"),
    )


async def record(
    tx: Tx, actor: Actor, action: str, subjects: list[UUID], detail: str | None = None
) -> None:
    """Write one row per subject in the caller's transaction; `detail` is a code, never a name."""
    if subjects:
        tx.audited.update(dict.fromkeys(subjects))
        await tx.fetch(_ADD_SQL, actor.id, actor.kind, action, subjects, detail, request_id.get())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain found: how far it holds, and the first row that does not."""

    rows: int
    head: bytes
    broken_at: int | None
    position: int = 0
    """Of the last row that holds; where checking goes on."""
    is_whole: bool = True
    """Whether the end of the chain was reached, or a break."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A moment: the highest number seen at it, and a transaction that began after it."""

    at: datetime
    last: int
    after: int


class AuditSealer:
    """Links new audit rows into the chain, once a second."""

    def __init__(self, database: Database, *, numbered: timedelta = _NUMBERED) -> None:
        self._database = database
        self._numbered = numbered
        self._mark: _Mark | None = None
        self._complete_to = 0

    async def run(self) -> None:
        """Seal until cancelled; faults are waited out."""
        await Rounds("audit_sealer", SEAL_SECONDS, self._seal_all).run()

    async def seal(self) -> int:
        """Seal one batch; returns how many rows it linked."""
        async with self._database.transaction() as tx:
            if not await tx.fetchval(_LOCK_SQL):
                return 0
            head = await tx.fetchrow(_HEAD_SQL)
            position, last, told = tuple(head) if head else (0, _GENESIS, 0)
            seen = await tx.fetchrow(_SEEN_SQL)
            assert seen is not None
            if self._complete_to > seen["last"]:
                # The database is an older one, restored or taken over, and counts on from there.
                self._complete_to, self._mark = 0, None
            complete_to = max(told, self._complete_to)
            mark = self._mark or _Mark(tx.now, seen["last"], await tx.fetchval(_OWN_SQL))
            # What is committed from here on is found, and sealed with this batch if it is not full.
            rows = await tx.fetch(_UNSEALED_SQL, complete_to, SEAL_BATCH)
            positions, ids, hashes = [], [], []
            for row in rows:
                position += 1
                last = _link(last, row)
                positions.append(position)
                ids.append(row["id"])
                hashes.append(last)
            if rows:
                await tx.fetch(_SEAL_SQL, positions, ids, hashes, complete_to)
        if len(rows) < SEAL_BATCH:
            # Now that it is committed; the next batch writes it down.
            self._pass_on(mark, tx.now, seen["oldest"])
        if rows:
            get_logger().info("audit_sealed", rows=len(rows), head=last.hex())
        return len(rows)

    def _pass_on(self, mark: _Mark, at: datetime, oldest: int) -> None:
        """Learn to which number no row can come any more; all there are now are sealed.

        Whoever had a number up to the mark's last began before the mark's transaction, and every
        such has ended when `oldest`, the first under way, is not before it. Only one that had its
        number and did not count as begun would be missed, which lasts for microseconds; hence the
        minute.
        """
        if at - mark.at >= self._numbered and oldest >= mark.after:
            self._complete_to, self._mark = mark.last, None
        else:
            self._mark = mark

    async def _seal_all(self) -> None:
        while await self.seal() == SEAL_BATCH:
            continue


async def verify(tx: Tx, *, after: int = 0, most: int | None = None) -> Verdict:
    """Recompute the chain; `broken_at` is the id of the first changed or missing audit row.

    It may be done in portions of `most` rows, each `after` the position where the last one ended;
    what lies before is then taken as checked.
    """
    position, last, checked = after, _GENESIS, 0
    if after:
        last = await tx.fetchval(_HASH_SQL, after) or _GENESIS
    while most is None or checked < most:
        batch = SEAL_BATCH if most is None else min(SEAL_BATCH, most - checked)
        rows = await tx.fetch(_CHAIN_SQL, position, batch)
        if not rows:
            return Verdict(checked, last, None, position)
        for row in rows:
            if row["position"] != position + 1 or row["id"] is None:
                return Verdict(checked, last, row["audit_id"], position)
            last = _link(last, row)
            if last != row["hash"]:
                return Verdict(checked, last, row["audit_id"], position)
            position = row["position"]
            checked += 1
    return Verdict(checked, last, None, position, is_whole=False)


def _link(previous: bytes, row: Any) -> bytes:
    content = orjson.dumps(
        [
            row["id"],
            row["at"].isoformat(),
            str(row["actor_id"]),
            row["actor_kind"],
            row["action"],
            str(row["subject_id"]),
            row["detail"],
            row["request_id"],
        ]
    )
    return hashlib.sha256(previous + content).digest()
