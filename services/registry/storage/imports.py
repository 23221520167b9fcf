"""Imports as rows: who brings which list, how far it is, and what became of its lines."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from services.registry.domain.import_columns import ColumnMap, Field
from services.registry.domain.list_import import (
    BROKEN_OFF,
    UNDER_WAY,
    ImportStatus,
    LineResult,
    LineStatus,
)
from shared.auth import Actor, actor_of, claims_of
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.database import Tx

KEPT_UNUSED: Final = timedelta(days=1)
"""How long an uploaded list waits for its importer."""
KEPT_STOPPED: Final = timedelta(minutes=10)
"""How long somebody may still be reading a list that was stopped."""
KEPT_RESULTS: Final = timedelta(days=30)

_ADD_SQL: Final = """
    insert into imports
        (id, actor_id, duties, sha256, parts, total, columns, status, at, changed_at)
    values ($1, $2, $3::text::jsonb, $4, $5, $6, $7::text::jsonb, $8, $9, $9)
"""
_COLUMNS: Final = """
    id, duties::text as duties, sha256, parts, total, columns::text as columns, status, position,
    created, matched, "similar", refused, skipped, at
"""
_GET_SQL: Final = f"select {_COLUMNS} from imports where id = $1"  # noqa: S608 - our own columns
_OWN_SQL: Final = f"""
    select {_COLUMNS} from imports where actor_id = $1 order by id desc limit $2
"""  # noqa: S608 - our own columns
_UNFINISHED_SQL: Final = f"""
    select {_COLUMNS} from imports
    where actor_id = $1 and sha256 = $2 and parts = 0 and status = 'running'
    order by id desc limit 1
"""  # noqa: S608 - our own columns
_WAITING_SQL: Final = f"""
    update imports set changed_at = $1 where id = (
        select id from imports where status in ('checking', 'running') and parts > 0
        order by changed_at limit 1 for update skip locked
    )
    returning {_COLUMNS}
"""  # noqa: S608 - our own columns
_BEGIN_SQL: Final = """
    update imports set status = $2, columns = $3::text::jsonb, duties = $4::text::jsonb,
        position = 0, created = 0, matched = 0, "similar" = 0, refused = 0, skipped = 0,
        changed_at = $5
    where id = $1
"""
_ADVANCE_SQL: Final = """
    with told as (
        insert into import_lines (import_id, line, status, beneficiary_id, why)
        select $1, * from unnest($2::int[], $3::text[], $4::uuid[], $5::text[])
    )
    update imports set position = position + $6, created = created + $7, matched = matched + $8,
        "similar" = "similar" + $9, refused = refused + $10, skipped = skipped + $11,
        changed_at = $12
    where id = $1
"""
_RECEIVED_SQL: Final = """
    update imports set status = 'uploaded', changed_at = $2 where id = $1 and status = 'receiving'
"""
_END_SQL: Final = "update imports set status = $2, changed_at = $3 where id = $1"
_LINES_SQL: Final = """
    select line, status, beneficiary_id, why from import_lines
    where import_id = $1 and line > $2 and status = any($3::text[])
      and (not $5 or why is not null)
    order by line limit $4
"""
_OLD_SQL: Final = """
    select id, parts, status not in ('done', 'stopped', 'failed') or changed_at < $2 as is_over
    from imports
    where (status in ('receiving', 'uploaded', 'checked') and changed_at < $1)
       or (status = 'done' and (parts > 0 or changed_at < $2))
       or (status in ('stopped', 'failed') and (parts > 0 and changed_at < $3 or changed_at < $2))
       or (status in ('checking', 'running') and parts = 0 and changed_at < $2)
    limit 100
"""


@dataclass(frozen=True, slots=True)
class Import:
    """One list and how far it has come; `parts` 0 says that the operator has the file."""

    id: UUID
    actor: Actor
    sha256: bytes = field(repr=False)
    parts: int
    total: int
    columns: ColumnMap | None
    status: ImportStatus
    position: int
    at: datetime
    counts: Mapping[LineStatus, int]

    @property
    def is_under_way(self) -> bool:
        """Whether there are lines to go through now."""
        return self.status in UNDER_WAY

    @property
    def left(self) -> int:
        """How many lines nobody reads any more, for it was stopped before them."""
        return self.total - self.position if self.status in BROKEN_OFF else 0

    def is_as(self, before: "Import") -> bool:
        """Whether nobody else has gone on with it, stopped it or begun it anew since."""
        then = (before.status, before.position, before.columns)
        return (self.status, self.position, self.columns) == then


async def add(tx: Tx, one: Import) -> None:
    """Write down a new import."""
    await tx.fetch(
        _ADD_SQL,
        one.id,
        one.actor.id,
        orjson.dumps(claims_of(one.actor)).decode(),
        one.sha256,
        one.parts,
        one.total,
        _written(one.columns),
        one.status,
        one.at,
    )


async def get(tx: Tx, import_id: UUID) -> Import | None:
    """The import; None when no such row is in scope."""
    return _one(await tx.fetchrow(_GET_SQL, import_id))


async def take(tx: Tx, import_id: UUID) -> Import | None:
    """The import, locked until the transaction ends."""
    return _one(await tx.fetchrow(f"{_GET_SQL} for update", import_id))


async def waiting(tx: Tx) -> Import | None:
    """The uploaded list that waits longest to be gone through, and that nobody holds now."""
    return _one(await tx.fetchrow(_WAITING_SQL, tx.now))


async def unfinished(tx: Tx, actor: Actor, sha256: bytes) -> Import | None:
    """The operator's import of this very file that was interrupted."""
    return _one(await tx.fetchrow(_UNFINISHED_SQL, actor.id, sha256))


async def of(tx: Tx, actor: Actor, limit: int) -> list[Import]:
    """The caller's own, newest first."""
    return [_import(row) for row in await tx.fetch(_OWN_SQL, actor.id, limit)]


async def begin(
    tx: Tx, import_id: UUID, status: ImportStatus, *, columns: ColumnMap, actor: Actor
) -> None:
    """Go through the lines from the first on; what was said of them before is forgotten."""
    await tx.fetch("delete from import_lines where import_id = $1", import_id)
    duties = orjson.dumps(claims_of(actor)).decode()
    await tx.fetch(_BEGIN_SQL, import_id, status, _written(columns), duties, tx.now)


async def advance(tx: Tx, import_id: UUID, results: Sequence[LineResult]) -> None:
    """Write down what became of the next lines."""
    counts = Counter(result.status for result in results)
    await tx.fetch(
        _ADVANCE_SQL,
        import_id,
        [result.line for result in results],
        [result.status for result in results],
        [result.beneficiary_id for result in results],
        [result.why for result in results],
        len(results),
        *(counts[status] for status in LineStatus),
        tx.now,
    )


async def received(tx: Tx, import_id: UUID) -> None:
    """Say that every row is put away."""
    await tx.fetch(_RECEIVED_SQL, import_id, tx.now)


async def end(tx: Tx, import_id: UUID, status: ImportStatus) -> None:
    """Say that all lines were gone through, or that no more of them are."""
    await tx.fetch(_END_SQL, import_id, status, tx.now)


async def lines(
    tx: Tx,
    import_id: UUID,
    *,
    statuses: Collection[LineStatus],
    after: int,
    limit: int,
    noted: bool = False,
) -> list[LineResult]:
    """What became of lines, in the order of the file; `noted` are those of which more is said."""
    rows = await tx.fetch(_LINES_SQL, import_id, after, list(statuses), limit, noted)
    return [
        LineResult(row["line"], LineStatus(row["status"]), row["beneficiary_id"], row["why"])
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Left:
    """An import whose list needs no longer be kept; one that is over need not be known either."""

    id: UUID
    parts: int
    is_over: bool


async def left_over(tx: Tx) -> list[Left]:
    """Lists that were taken in or stopped or are waited for in vain, and results kept long."""
    rows = await tx.fetch(
        _OLD_SQL, tx.now - KEPT_UNUSED, tx.now - KEPT_RESULTS, tx.now - KEPT_STOPPED
    )
    return [Left(**row) for row in rows]


async def clear(tx: Tx, left: Left) -> None:
    """Say that the list is gone, or forget the import too; the records stay."""
    if left.is_over:
        await tx.fetch("delete from imports where id = $1", left.id)
    else:
        await tx.fetch("update imports set parts = 0 where id = $1", left.id)


def _one(row: Any | None) -> Import | None:
    return _import(row) if row else None


def _import(row: Any) -> Import:
    return Import(
        id=row["id"],
        actor=actor_of(orjson.loads(row["duties"])),
        sha256=row["sha256"],
        parts=row["parts"],
        total=row["total"],
        columns=_read(row["columns"]),
        status=ImportStatus(row["status"]),
        position=row["position"],
        at=row["at"],
        counts={status: row[status.value] for status in LineStatus},
    )


def _written(columns: ColumnMap | None) -> str | None:
    if columns is None:
        return None
    said = {
        "columns": {one.value: place for one, place in columns.columns.items()},
        "area": columns.area,
        "category": columns.category,
        "kind": columns.kind,
        "legal_basis": columns.legal_basis,
        "accept_lookalikes": columns.accept_lookalikes,
    }
    return orjson.dumps(said).decode()


def _read(text: str | None) -> ColumnMap | None:
    if text is None:
        return None
    said = orjson.loads(text)
    return ColumnMap(
        columns={Field(name): place for name, place in said["columns"].items()},
        area=said["area"],
        category=said["category"],
        kind=BeneficiaryKind(said["kind"]),
        legal_basis=LegalBasis(said["legal_basis"]),
        accept_lookalikes=said["accept_lookalikes"],
    )
