"""Reports by other systems: sealed until somebody has decided, then without what they said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa

from services.registry.domain.report import ReportRefusal, ReportState
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.report_tables import reports as r
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.policy import Action
from shared.predicates import Columns, predicate

Said = Mapping[str, Any]
"""What a report says, as it came."""
_ADD_SQL: Final = """
    insert into reports (id, source, external_id, filed_by, area, confidentiality, said_sealed,
                         state, received_at)
    values ($1, $2, $3, $4, $5, $6, $7, 'open', $8)
    on conflict (source, external_id) do nothing
    returning id
"""
_KNOWN_SQL: Final = "select id, state from reports where source = $1 and external_id = $2"
_SETTLE_SQL: Final = """
    update reports set state = $2, beneficiary_id = $3, refusal = $4, settled_by = $5,
                       settled_at = $6, said_sealed = null
    where id = $1
"""
_ANNOUNCE_SQL: Final = """
    with new as (
        select id from reports where announced_at is null order by id limit $2
        for update skip locked
    )
    update reports set announced_at = $1 from new where reports.id = new.id
    returning reports.id, reports.area, reports.confidentiality
"""
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
    """None once it is settled."""


async def add(tx: Tx, vault: NikVault, actor: Actor, new: NewReport) -> bool:
    """Keep it, sealed; False when its source has sent it before."""
    sealed = vault.seal_report(orjson.dumps(new.said).decode(), new.id)
    added = await tx.fetch(
        _ADD_SQL,
        new.id,
        new.source,
        new.external_id,
        actor.id,
        new.area,
        new.confidentiality,
        sealed,
        tx.now,
    )
    return bool(added)


async def known(tx: Tx, source: str, external_id: str) -> Filed:
    """The report its source calls so; it must be there."""
    row = await tx.fetchrow(_KNOWN_SQL, source, external_id)
    assert row is not None
    return Filed(row["id"], ReportState(row["state"]))


async def get(
    tx: Tx, vault: NikVault, actor: Actor, report_id: UUID, *, lock: bool = False
) -> Report | None:
    """The report, locked until the transaction ends if so asked; None out of the caller's sight."""
    statement = sa.select(r).where(r.c.id == report_id, _handled_by(actor))
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else _report(vault, row)


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


async def count_waiting(tx: Tx, actor: Actor) -> int:
    """How many that are."""
    statement = (
        sa.select(sa.func.count()).select_from(r).where(r.c.state == "open", _handled_by(actor))
    )
    found: int = (await tx.execute(statement)).scalar_one()
    return found


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


async def announce(tx: Tx, limit: int) -> Sequence[Mapping[str, Any]]:
    """Mark some that nobody was told of as told; which they are."""
    return [dict(row) for row in await tx.fetch(_ANNOUNCE_SQL, tx.now, limit)]


def _handled_by(actor: Actor) -> sa.ColumnElement[bool]:
    return predicate(actor, Action.REPORT_HANDLE, _COLUMNS)


def _report(vault: NikVault, row: Any) -> Report:
    sealed = row.said_sealed
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
        None if sealed is None else orjson.loads(vault.open_report(sealed, row.id)),
    )
