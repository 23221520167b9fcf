"""Referrals as rows; saving writes rows, steps, cases and events in one statement."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from services.cases.domain.case import Case
from services.cases.domain.clocks import Clocks, Limits
from services.cases.domain.legs import LegRole
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import FINAL
from services.cases.storage import case_files
from services.cases.storage.case_files import numbered
from shared.contracts.codes import (
    Confidentiality,
    LegalBasis,
    ReferralStatus,
    Urgency,
)
from shared.database import Tx
from shared.errors import VersionConflict
from shared.messaging.event_log import APPENDED_SIZE, Fact, append_ctes, columns_of
from shared.trips import Write

_FIXED: Final = {
    "id": "uuid",
    "case_id": "uuid",
    "case_number": "text",
    "beneficiary_id": "uuid",
    "pillar": "text",
    "area": "text",
    "organisation_id": "uuid",
    "sender_id": "uuid",
    "sender_pillar": "text",
    "sender_area": "text",
    "place": "text",
    "category": "text",
    "situation": "text",
    "urgency": "text",
    "confidentiality": "text",
    "need": "text",
    "legal_basis": "text",
    "rule_id": "text",
    "reasons": "text[]",
    "flags": "text[]",
    "reply_limit": "interval",
    "act_limit": "interval",
    "close_limit": "interval",
    "working": "boolean",
    "role": "text",
    "attributes": "jsonb",
    "reported_urgency": "text",
    "service_id": "uuid",
    "rerouted_from": "uuid",
    "sent_at": "timestamptz",
}
"""What sending decides once, with PostgreSQL's types."""
_CHANGING: Final = {
    "status": "text",
    "version": "integer",
    "worker_id": "uuid",
    "holder_id": "uuid",
    "pool": "uuid[]",
    "named": "uuid[]",
    "seen_at": "timestamptz",
    "replied_at": "timestamptz",
    "ended_at": "timestamptz",
    "escalation_level": "smallint",
    "reply_by": "timestamptz",
    "act_by": "timestamptz",
    "close_by": "timestamptz",
    "paused_at": "timestamptz",
    "hold_until": "timestamptz",
    "rung_until": "timestamptz",
    "due_at": "timestamptz",
    "alarm_at": "timestamptz",
}
"""What verbs and alarms change."""
_STEP: Final = {
    "referral_id": "uuid",
    "version": "integer",
    "verb": "text",
    "status": "text",
    "at": "timestamptz",
    "occurred_at": "timestamptz",
    "actor_id": "uuid",
    "acting_pillar": "text",
    "acting_area": "text",
    "note": "text",
    "reason": "text",
    "outcome": "text",
    "service": "text",
    "subject_id": "uuid",
}
_CLOCKS: Final = (
    "reply_by", "act_by", "close_by", "paused_at", "hold_until", "rung_until", "due_at",
)  # fmt: skip


def _steps_and_cases(first: int) -> str:
    """CTEs that write steps, cases and events; their parameters begin at `$first`."""
    return f"""
    steps as (
        insert into referral_steps ({", ".join(_STEP)})
        select * from unnest({numbered(_STEP, first, "[]")})
    ),
    {case_files.written_ctes(first + len(_STEP))}
    """  # noqa: S608 - our own column names, values are parameters


_ROW: Final = _FIXED | _CHANGING
_OF_LIMITS: Final = ("reply_limit", "act_limit", "close_limit", "working")
_OWN: Final = tuple(name for name in _ROW if name not in {*_CLOCKS, *_OF_LIMITS, "attributes"})
"""Columns that are fields of a referral as they are."""


def _sent_text(first: int) -> str:
    step_at = first + len(_ROW)
    return f"""
        referral as (
            insert into referrals ({", ".join(_ROW)}) values ({numbered(_ROW, first)})
        ),
        step as (
            insert into referral_steps ({", ".join(_STEP)}) values ({numbered(_STEP, step_at)})
        ),
        {append_ctes(step_at + len(_STEP))}
    """  # noqa: S608 - our own column names, values are parameters


def _opened_text(first: int) -> str:
    return f"{case_files.opened_ctes(first)}, {_sent_text(first + case_files.OPENED_SIZE)}"


_SENT_SIZE: Final = len(_ROW) + len(_STEP) + APPENDED_SIZE
_SENT: Final = Write(_sent_text, _SENT_SIZE, ("woken",))
_OPENED: Final = Write(_opened_text, case_files.OPENED_SIZE + _SENT_SIZE, ("woken",))
_ADD_ALL_SQL: Final = f"""
    with referral as (
        insert into referrals ({", ".join(_ROW)})
        select {", ".join(_ROW)} from json_populate_recordset(null::referrals, $1::text::json)
    ),
    {_steps_and_cases(2)}
    select * from woken
"""  # noqa: S608 - fixed text, values are parameters
# An array of arrays cannot be unnested by rows, so these travel as text.
_LISTS: Final = ("pool", "named")
_UPDATED: Final = {
    "id": "uuid", "was": "integer", **_CHANGING, **dict.fromkeys(_LISTS, "text"),
}  # fmt: skip
_SAVE_SQL: Final = f"""
    with changed ({", ".join(_UPDATED)}) as (select * from unnest({numbered(_UPDATED, 1, "[]")})),
    referral as (
        update referrals r
        set {", ".join(f"{name} = changed.{name}" for name in _CHANGING if name not in _LISTS)},
            {", ".join(f"{name} = changed.{name}::uuid[]" for name in _LISTS)}
        from changed where r.id = changed.id and r.version = changed.was
        returning r.id
    ),
    {_steps_and_cases(1 + len(_UPDATED))}
    select (select count(*) from referral) as saved, woken.* from woken
"""  # noqa: S608 - fixed text, values are parameters
_OF_NUMBER_SQL: Final = """
    select r.* from referrals r join cases c on c.id = r.case_id
    where c.number = $1 order by r.id for update of r
"""
_MANY_SQL: Final = "select * from referrals where id = any($1::uuid[]) order by id"
_WITH_WORKER_SQL: Final = """
    select * from referrals
    where (status in ('accepted', 'in_progress', 'on_hold') and holder_id = $1)
       or (status = 'sent' and worker_id is not null and worker_id = $1)
    order by id
"""
_WAITING_FOR_SENDER_SQL: Final = """
    select count(*) from referrals
    where (status = 'returned' or (status = 'sent' and service_id is not null)) and sender_id = $1
"""
_OPEN_LEGS_SQL: Final = """
    select (select count(*) from referrals
            where case_id = $1 and id <> all($2::uuid[]) and status <> all($3::text[]))
         + (select count(*) from planned_legs
            where case_id = $1 and referral_id is null and dropped_at is null)
"""


async def get(tx: Tx, referral_id: UUID) -> Referral | None:
    """The referral as it stands; None when no such row is in scope."""
    row = await tx.fetchrow("select * from referrals where id = $1", referral_id)
    return referral_of(row) if row else None


async def get_for_update(tx: Tx, referral_id: UUID) -> Referral | None:
    """The referral, locked until the transaction ends; None when no such row is in scope."""
    row = await tx.fetchrow("select * from referrals where id = $1 for update", referral_id)
    return referral_of(row) if row else None


async def many(tx: Tx, ids: Sequence[UUID]) -> list[Referral]:
    """Those of the referrals that are in scope, in order of id."""
    return [referral_of(row) for row in await tx.fetch(_MANY_SQL, list(ids))]


async def many_for_update(tx: Tx, ids: Sequence[UUID]) -> list[Referral]:
    """The same, locked; what another transaction is at work on is left out."""
    sql = f"{_MANY_SQL} for update skip locked"
    return [referral_of(row) for row in await tx.fetch(sql, list(ids))]


async def with_worker(tx: Tx, worker_id: UUID) -> list[Referral]:
    """The referrals in scope that a worker holds, or that wait for that worker by name."""
    return [referral_of(row) for row in await tx.fetch(_WITH_WORKER_SQL, worker_id)]


async def waiting_for_sender(tx: Tx, worker_id: UUID) -> int:
    """How many referrals in scope wait for a worker as their sender, to whom they stay."""
    count: int = await tx.fetchval(_WAITING_FOR_SENDER_SQL, worker_id)
    return count


async def of_case(tx: Tx, case_id: UUID) -> list[Referral]:
    """The referrals of a case in scope, oldest first."""
    rows = await tx.fetch("select * from referrals where case_id = $1 order by id", case_id)
    return [referral_of(row) for row in rows]


async def of_case_number_for_update(tx: Tx, number: str) -> list[Referral]:
    """The referrals of the case with this number in scope, locked, oldest first."""
    rows = await tx.fetch(_OF_NUMBER_SQL, number)
    return [referral_of(row) for row in rows]


async def add(tx: Tx, referral: Referral, case: Case | None = None) -> None:
    """Write a referral that was just sent, and its case when that was just opened."""
    row = _row_of(referral)
    values = [row[name] for name in _ROW] + [step for (step,) in _step_columns([referral])]
    facts = facts_of(referral)
    if case is None or not case.facts:
        await tx.write(_SENT, [*values, *columns_of(tx, facts)])
        return
    facts = [*case_files.facts_of(case), *facts]
    await tx.write(_OPENED, [*case_files.values_opened(case), *values, *columns_of(tx, facts)])


async def add_all(tx: Tx, referrals: Sequence[Referral], cases: Sequence[Case]) -> None:
    """Write many referrals that were just sent, and their new cases, in one statement."""
    facts = [fact for case in cases for fact in case_files.facts_of(case)]
    facts += [fact for referral in referrals for fact in facts_of(referral)]
    await tx.fetch(
        _ADD_ALL_SQL,
        # The driver's ids are a class of its own.
        orjson.dumps([_as_json(referral) for referral in referrals], default=str).decode(),
        *_step_columns(referrals),
        *case_files.columns_of(cases),
        *columns_of(tx, facts),
    )


async def save(tx: Tx, *referrals: Referral, cases: Sequence[Case | None] = ()) -> None:
    """Write what changed since the referrals were loaded; `VersionConflict` if one moved."""
    changed_cases = [case for case in cases if case is not None and case.facts]
    facts = [fact for case in changed_cases for fact in case_files.facts_of(case)]
    facts += [fact for referral in referrals for fact in facts_of(referral)]
    saved = await tx.fetchrow(
        _SAVE_SQL,
        *_changed_columns(referrals),
        *_step_columns(referrals),
        *case_files.columns_of(changed_cases),
        *columns_of(tx, facts),
    )
    if saved is None or saved["saved"] != len(referrals):
        raise VersionConflict


async def open_legs(tx: Tx, case_id: UUID, *, without: Sequence[UUID] = ()) -> int:
    """How many referrals of the case, wherever they are, have not ended or are yet to be sent."""
    async with tx.beyond_scope():
        count: int = await tx.fetchval(_OPEN_LEGS_SQL, case_id, list(without), list(FINAL))
    return count


def referral_of(row: Any) -> Referral:
    """A referral from its row."""
    return Referral(
        id=row["id"],
        case_id=row["case_id"],
        case_number=row["case_number"],
        beneficiary_id=row["beneficiary_id"],
        pillar=row["pillar"],
        area=row["area"],
        organisation_id=row["organisation_id"],
        worker_id=row["worker_id"],
        sender_id=row["sender_id"],
        sender_pillar=row["sender_pillar"],
        sender_area=row["sender_area"],
        place=row["place"],
        category=row["category"],
        situation=row["situation"],
        urgency=Urgency(row["urgency"]),
        confidentiality=Confidentiality(row["confidentiality"]),
        need=row["need"],
        legal_basis=LegalBasis(row["legal_basis"]),
        rule_id=row["rule_id"],
        reasons=tuple(row["reasons"]),
        flags=tuple(row["flags"]),
        pool=tuple(row["pool"]),
        limits=Limits(row["reply_limit"], row["act_limit"], row["close_limit"], row["working"]),
        role=LegRole(row["role"]),
        attributes=row["attributes"],
        reported_urgency=Urgency(row["reported_urgency"]) if row["reported_urgency"] else None,
        service_id=row["service_id"],
        named=tuple(row["named"]),
        rerouted_from=row["rerouted_from"],
        status=ReferralStatus(row["status"]),
        version=row["version"],
        clocks=Clocks(
            reply_by=row["reply_by"],
            act_by=row["act_by"],
            close_by=row["close_by"],
            paused_at=row["paused_at"],
            hold_until=row["hold_until"],
            rung_until=row["rung_until"],
        ),
        holder_id=row["holder_id"],
        seen_at=row["seen_at"],
        sent_at=row["sent_at"],
        replied_at=row["replied_at"],
        ended_at=row["ended_at"],
        escalation_level=row["escalation_level"],
    )


def facts_of(referral: Referral) -> list[Fact]:
    """What the referral states since it was loaded."""
    first = referral.version - len(referral.facts) + 1
    return [Fact(referral.id, first + index, data) for index, data in enumerate(referral.facts)]


def _row_of(referral: Referral) -> dict[str, Any]:
    """Every column of a new referral."""
    limits = referral.limits
    return {
        **{name: getattr(referral, name) for name in _OWN},
        **{name: getattr(referral.clocks, name) for name in _CLOCKS},
        "reply_limit": limits.reply,
        "act_limit": limits.act,
        "close_limit": limits.close,
        "working": limits.working,
        "attributes": orjson.dumps(dict(referral.attributes)).decode(),
    }


def _as_json(referral: Referral) -> dict[str, Any]:
    """Every column of a new referral as PostgreSQL reads it out of JSON, which has no intervals."""
    limits = referral.limits
    return _row_of(referral) | {
        "reply_limit": f"{limits.reply.total_seconds()} seconds",
        "act_limit": f"{limits.act.total_seconds()} seconds",
        "close_limit": f"{limits.close.total_seconds()} seconds",
        "attributes": dict(referral.attributes),
    }


def _changed_columns(referrals: Sequence[Referral]) -> list[list[Any]]:
    """The values of `_UPDATED`: what changed, and the version each was loaded with."""
    columns: dict[str, list[Any]] = {
        "id": [one.id for one in referrals],
        "was": [one.version - len(one.steps) for one in referrals],
    }
    for name in _CHANGING:
        if name in _LISTS:
            lists = (map(str, getattr(one, name)) for one in referrals)
            columns[name] = ["{" + ",".join(ids) + "}" for ids in lists]
        elif name in _CLOCKS:
            columns[name] = [getattr(one.clocks, name) for one in referrals]
        else:
            columns[name] = [getattr(one, name) for one in referrals]
    return [columns[name] for name in _UPDATED]


def _step_columns(referrals: Sequence[Referral]) -> list[list[Any]]:
    steps = [(referral.id, step) for referral in referrals for step in referral.steps]
    names = list(_STEP)[1:]
    return [
        [referral_id for referral_id, _ in steps],
        *([getattr(step, name) for _, step in steps] for name in names),
    ]
