"""Requests of people about their data, and breaches, with the moment each is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.domain.requests import Decision, RequestKind, RequestState
from services.registry.storage.access import is_masked
from services.registry.storage.protection_tables import requests as r
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action
from shared.predicates import Columns, predicate

_ADD_SQL: Final = """
    insert into requests (id, kind, beneficiary_id, legal_basis_id, area, state, words, taken_by,
                          received_at, due_at)
    values ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9)
"""
_OF_RECORDS_SQL: Final = """
    select id, kind, beneficiary_id, area, state, words, taken_by, received_at, due_at,
           reminded_at, handled_by, handled_at, refusal, answer
    from requests where beneficiary_id = any($1::uuid[]) order by received_at desc, id desc
"""
_ACCESS_ASKED_SQL: Final = """
    select exists (
        select from requests
        where beneficiary_id = any($1::uuid[]) and kind = 'access' and state = 'open'
    )
"""
_HANDLE_SQL: Final = """
    update requests set state = $2, handled_by = $3, handled_at = $4, refusal = $5, answer = $6
    where id = $1
"""
_STOPPED_SQL: Final = """
    update requests set state = 'done', handled_at = $2
    where legal_basis_id = any($1::uuid[]) and state = 'open'
"""
_REMIND_SQL: Final = """
    with due as (
        select id from requests
        where state = 'open' and reminded_at is null and due_at <= $1::timestamptz + $2::interval
        order by due_at, id limit $3 for update skip locked
    )
    update requests set reminded_at = $1 from due where requests.id = due.id
    returning requests.id, requests.area, requests.kind, requests.due_at
"""
_COLUMNS: Final = Columns(area=r.c.area)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """Something asked that must be answered in time."""

    id: UUID
    kind: RequestKind
    area: str
    due_at: datetime
    beneficiary_id: UUID | None = None
    legal_basis_id: UUID | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A request that is about to be answered, locked until then."""

    id: UUID
    kind: RequestKind
    state: RequestState
    beneficiary_id: UUID | None
    legal_basis_id: UUID | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A request as the officer's list shows it; without name and words where lists hide it."""

    id: UUID
    kind: str
    beneficiary_id: UUID | None
    name: str | None
    area: str
    state: str
    received_at: datetime
    due_at: datetime
    reminded_at: datetime | None
    handled_at: datetime | None
    refusal: str | None
    words: str | None


async def add(tx: Tx, actor: Actor, new: NewRequest) -> None:
    """Take down what was asked, from now on."""
    await tx.fetch(
        _ADD_SQL,
        new.id,
        new.kind,
        new.beneficiary_id,
        new.legal_basis_id,
        new.area,
        new.words,
        actor.id,
        tx.now,
        new.due_at,
    )


async def of_records(tx: Tx, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What was asked about these records, the newest first."""
    return [dict(row) for row in await tx.fetch(_OF_RECORDS_SQL, list(ids))]


async def is_access_asked(tx: Tx, ids: Sequence[UUID]) -> bool:
    """Whether somebody waits to be given what is held about one of these records."""
    found: bool = await tx.fetchval(_ACCESS_ASKED_SQL, list(ids))
    return found


async def get_for_handling(tx: Tx, actor: Actor, request_id: UUID) -> Open | None:
    """The request, locked until the transaction ends; None when it is not the caller's."""
    found = await tx.execute(
        sa.select(r.c.id, r.c.kind, r.c.state, r.c.beneficiary_id, r.c.legal_basis_id)
        .where(r.c.id == request_id, predicate(actor, Action.PROTECTION_HANDLE, _COLUMNS))
        .with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        return None
    return Open(
        row.id,
        RequestKind(row.kind),
        RequestState(row.state),
        row.beneficiary_id,
        row.legal_basis_id,
    )


async def handle(tx: Tx, actor: Actor, request_id: UUID, decision: Decision) -> None:
    """Write down how it was answered."""
    await tx.fetch(
        _HANDLE_SQL,
        request_id,
        decision.state,
        actor.id,
        tx.now,
        decision.refusal,
        decision.answer,
    )


async def close_stopped(tx: Tx, basis_ids: Sequence[UUID]) -> None:
    """Close the withdrawals whose grounds have come to their end by the clock."""
    await tx.fetch(_STOPPED_SQL, list(basis_ids), tx.now)


async def remind(tx: Tx, before: timedelta, limit: int) -> list[dict[str, Any]]:
    """Mark those that fall due within this time as reminded of, each once; which they are."""
    return [dict(row) for row in await tx.fetch(_REMIND_SQL, tx.now, before, limit)]


async def listed(
    tx: Tx, actor: Actor, *, state: RequestState, after: UUID | None, limit: int
) -> list[Listed]:
    """Those of the caller's area in this state: open ones by what is due first, others newest."""
    is_open = state is RequestState.OPEN
    order = (r.c.due_at, r.c.id) if is_open else (r.c.handled_at.desc(), r.c.id.desc())
    statement = (
        sa.select(r, b.c.name, b.c.confidentiality, b.c.registered_by, b.c.granted_to)
        .outerjoin(b, b.c.id == r.c.beneficiary_id)
        .where(r.c.state == state.value, predicate(actor, Action.PROTECTION_HANDLE, _COLUMNS))
        .order_by(*order)
        .limit(limit)
    )
    if after is not None:
        mark = sa.select(r.c.due_at, r.c.handled_at).where(r.c.id == after).subquery()
        place = (
            sa.tuple_(r.c.due_at, r.c.id)
            > sa.tuple_(sa.select(mark.c.due_at).scalar_subquery(), after)
            if is_open
            else sa.tuple_(r.c.handled_at, r.c.id)
            < sa.tuple_(sa.select(mark.c.handled_at).scalar_subquery(), after)
        )
        statement = statement.where(place)
    return [_listed(actor, row) for row in await tx.execute(statement)]


def _listed(actor: Actor, row: Any) -> Listed:
    hidden = row.beneficiary_id is not None and (row.name is None or is_masked(actor, row))
    return Listed(
        row.id,
        row.kind,
        row.beneficiary_id,
        None if hidden else row.name,
        row.area,
        row.state,
        row.received_at,
        row.due_at,
        row.reminded_at,
        row.handled_at,
        row.refusal,
        None if hidden else row.words,
    )
