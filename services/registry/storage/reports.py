"""Reports by other systems: sealed until somebody has decided, then without what they said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa

from services.registry.domain.report import ReportRefusal, ReportState
from services.registry.storage.field_encryption import NikVault, Undecipherable
from services.registry.storage.report_tables import reports as r
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.logging import get_logger
from shared.policy import Action
from shared.predicates import Columns, predicate

Said = Mapping[str, Any]
"""What a report says, as it came."""
_ADD_SQL: Final = """
    insert into reports (id, key, source, filed_by, area, confidentiality, said_sealed, state,
                         received_at)
    values ($1, $2, $3, $4, $5, $6, $7, 'open', $8)
    on conflict (key) do nothing
    returning id, state, refusal
"""
_KNOWN_SQL: Final = "select id, state, refusal from reports where key = any($1::uuid[])"
_SETTLE_SQL: Final = """
    update reports set state = $2, beneficiary_id = $3, refusal = $4, settled_by = $5,
                       settled_at = $6, said_sealed = null
    where id = $1
"""
_UNANNOUNCED_SQL: Final = """
    select id, area, confidentiality, received_at from reports
    where announced_at is null order by id limit $1 for update skip locked
"""
_ANNOUNCED_SQL: Final = "update reports set announced_at = $2 where id = any($1::uuid[])"
_COLUMNS: Final = Columns(area=r.c.area, confidentiality=r.c.confidentiality)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """What another system tells, under the name it goes by there."""

    id: UUID
    source: str
    external_id: str
    area: str
    confidentiality: Confidentiality
    said: Said


@dataclass(frozen=True, slots=True)
class Filed:
    """A report that is there, and how far it is."""

    id: UUID
    state: ReportState
    refusal: ReportRefusal | None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as those see it who may decide about it."""

    id: UUID
    source: str
    area: str
    confidentiality: Confidentiality
    state: ReportState
    received_at: datetime
    settled_at: datetime | None
    settled_by: UUID | None
    beneficiary_id: UUID | None
    refusal: ReportRefusal | None
    said: Said | None
    """None once it is settled, or where no key we hold opens it."""


async def add(tx: Tx, vault: NikVault, actor: Actor, new: NewReport) -> Filed:
    """Keep it, sealed; what its source has sent before is the first, and how far that is."""
    keys = vault.report_keys(actor.id, new.source, new.external_id)
    row = await tx.fetchrow(_KNOWN_SQL, keys)
    if row is None:
        row = await tx.fetchrow(
            _ADD_SQL,
            new.id,
            keys[0],
            new.source,
            actor.id,
            new.area,
            new.confidentiality,
            vault.seal_report(orjson.dumps(new.said).decode(), new.id),
            tx.now,
        )
    if row is None:
        # Sent twice at the same moment: the other one has committed meanwhile.
        row = await tx.fetchrow(_KNOWN_SQL, keys)
        assert row is not None
    refusal = row["refusal"]
    return Filed(row["id"], ReportState(row["state"]), ReportRefusal(refusal) if refusal else None)


async def get(tx: Tx, vault: NikVault, actor: Actor, report_id: UUID) -> Report | None:
    """The report; None out of the caller's sight."""
    statement = sa.select(r).where(r.c.id == report_id, _handled_by(actor))
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _report(vault, row)


async def take(tx: Tx, actor: Actor, report_id: UUID) -> ReportState | None:
    """How far it is, locked until the transaction ends; None out of the caller's sight."""
    statement = sa.select(r.c.state).where(r.c.id == report_id, _handled_by(actor))
    state = (await tx.execute(statement.with_for_update())).scalar_one_or_none()
    return None if state is None else ReportState(state)


async def waiting(
    tx: Tx, vault: NikVault, actor: Actor, *, after: UUID | None, limit: int
) -> list[Report]:
    """Those that wait for the caller or others like them, the oldest first."""
    statement = (
        sa.select(r).where(r.c.state == "open", _handled_by(actor)).order_by(r.c.id).limit(limit)
    )
    if after is not None:
        statement = statement.where(r.c.id > after)
    return [_report(vault, row) for row in await tx.execute(statement)]


async def settle(
    tx: Tx,
    actor: Actor,
    report_id: UUID,
    *,
    beneficiary_id: UUID | None,
    refusal: ReportRefusal | None,
) -> None:
    """Write down what it led to, and keep no longer what it said."""
    state = ReportState.REFUSED if refusal else ReportState.SETTLED
    await tx.fetch(_SETTLE_SQL, report_id, state, beneficiary_id, refusal, actor.id, tx.now)


async def unannounced(tx: Tx, limit: int) -> Sequence[Mapping[str, Any]]:
    """Some that nobody was told of, locked until the transaction ends."""
    return [dict(row) for row in await tx.fetch(_UNANNOUNCED_SQL, limit)]


async def mark_announced(tx: Tx, ids: Sequence[UUID]) -> None:
    """Those near to these have been told, or nobody is near."""
    await tx.fetch(_ANNOUNCED_SQL, list(ids), tx.now)


def _handled_by(actor: Actor) -> sa.ColumnElement[bool]:
    return predicate(actor, Action.REPORT_HANDLE, _COLUMNS)


def _report(vault: NikVault, row: Any) -> Report:
    said: Said | None = None
    try:
        if row.said_sealed is not None:
            said = orjson.loads(vault.open_report(row.said_sealed, row.id))
    except Undecipherable:
        # The others are still to be seen, and this one to be settled.
        get_logger().error("report_undecipherable", report=str(row.id))
    return Report(
        row.id,
        row.source,
        row.area,
        Confidentiality(row.confidentiality),
        ReportState(row.state),
        row.received_at,
        row.settled_at,
        row.settled_by,
        row.beneficiary_id,
        ReportRefusal(row.refusal) if row.refusal else None,
        said,
    )
