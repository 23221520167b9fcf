"""Referrals and cases as rows; saving one writes its row, its steps and its events together."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from services.cases.domain.case import Case
from services.cases.domain.clocks import Clocks, Limits
from services.cases.domain.referral import Referral, Step
from shared.contracts.codes import (
    Confidentiality,
    LegalBasis,
    Outcome,
    ReferralStatus,
    Urgency,
)
from shared.database import Tx
from shared.errors import VersionConflict
from shared.messaging.event_log import Fact, append_ctes, columns_of

_ADD_SQL: Final = f"""
    with new_case as (
        insert into cases
            (id, number, beneficiary_id, area, opened_by, opened_at, is_open, version)
        select $2::uuid, $3::text, $4::uuid, $34::text, $12::uuid, $28::timestamptz, true, $35::int
        where $35::int is not null
    ),
    referral as (
        insert into referrals (
            id, case_id, case_number, beneficiary_id, status, version, pillar, area,
            organisation_id, worker_id, holder_id, sender_id, sender_pillar, sender_area,
            category, situation, urgency, confidentiality, need, legal_basis, rule_id,
            reasons, flags, pool, reply_limit, act_limit, close_limit, sent_at,
            reply_by, act_by, close_by, due_at, place)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $34)
    ),
    step as (
        insert into referral_steps (
            referral_id, version, verb, status, at, occurred_at, actor_id, acting_pillar,
            acting_area)
        values ($1, $6, 'send', $5, $28, $33, $12, $13, $14)
    ),
    {append_ctes(36)}
    select * from woken
"""  # noqa: S608 - fixed text, values are parameters
_SAVE_SQL: Final = f"""
    with referral as (
        update referrals set
            status = $2, version = $3, holder_id = $5, seen_at = $6, reply_by = $7, act_by = $8,
            close_by = $9, paused_at = $10, due_at = $11
        where id = $1 and version = $4
        returning id
    ),
    saved_case as (
        update cases set is_open = $25, closed_at = $26, close_reason = $27, version = $28
        where id = $24
    ),
    step as (
        insert into referral_steps (
            referral_id, version, verb, status, at, occurred_at, actor_id, acting_pillar,
            acting_area, note, reason, outcome, service)
        select id, steps.* from referral, unnest(
            $12::int[], $13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[],
            $17::uuid[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[],
            $23::text[]) steps
    ),
    {append_ctes(29)}
    select (select count(*) from referral) as saved, woken.* from woken
"""  # noqa: S608 - fixed text, values are parameters
_OPEN_LEGS_SQL: Final = """
    select count(*) from referrals
    where case_id = $1 and id <> $2
      and status not in ('completed', 'rerouted', 'recalled', 'cancelled', 'entered_in_error')
"""


async def get(tx: Tx, referral_id: UUID) -> Referral | None:
    """The referral as it stands; None when no such row is in scope."""
    row = await tx.fetchrow("select * from referrals where id = $1", referral_id)
    return referral_of(row) if row else None


async def get_for_update(tx: Tx, referral_id: UUID) -> Referral | None:
    """The referral, locked until the transaction ends; None when no such row is in scope."""
    row = await tx.fetchrow("select * from referrals where id = $1 for update", referral_id)
    return referral_of(row) if row else None


async def get_case_for_update(tx: Tx, case_id: UUID) -> Case | None:
    """The case, locked until the transaction ends."""
    row = await tx.fetchrow("select * from cases where id = $1 for update", case_id)
    return _case_of(row) if row else None


async def get_case(tx: Tx, case_id: UUID) -> Case | None:
    """The case as it stands."""
    row = await tx.fetchrow("select * from cases where id = $1", case_id)
    return _case_of(row) if row else None


def _case_of(row: Any) -> Case:
    return Case(
        id=row["id"],
        number=row["number"],
        beneficiary_id=row["beneficiary_id"],
        area=row["area"],
        opened_by=row["opened_by"],
        opened_at=row["opened_at"],
        is_open=row["is_open"],
        closed_at=row["closed_at"],
        close_reason=Outcome(row["close_reason"]) if row["close_reason"] else None,
        version=row["version"],
    )


async def add(tx: Tx, case: Case, referral: Referral) -> None:
    """Write a referral that was just sent, and its case when that is new."""
    step = referral.steps[-1]
    clocks, limits = referral.clocks, referral.limits
    await tx.fetch(
        _ADD_SQL,
        referral.id,
        referral.case_id,
        referral.case_number,
        referral.beneficiary_id,
        referral.status,
        referral.version,
        referral.pillar,
        referral.area,
        referral.organisation_id,
        referral.worker_id,
        referral.holder_id,
        referral.sender_id,
        referral.sender_pillar,
        referral.sender_area,
        referral.category,
        referral.situation,
        referral.urgency,
        referral.confidentiality,
        referral.need,
        referral.legal_basis,
        referral.rule_id,
        referral.reasons,
        referral.flags,
        referral.pool,
        limits.reply,
        limits.act,
        limits.close,
        step.at,
        clocks.reply_by,
        clocks.act_by,
        clocks.close_by,
        clocks.due_at,
        step.occurred_at,
        referral.place,
        case.version if case.facts else None,
        *columns_of(tx, _facts(case, referral)),
    )


async def save(tx: Tx, referral: Referral, case: Case | None = None) -> None:
    """Write what changed since the referral was loaded; raises `VersionConflict` if it moved."""
    steps, clocks = referral.steps, referral.clocks
    changed = case if case is not None and case.facts else None
    row = await tx.fetchrow(
        _SAVE_SQL,
        referral.id,
        referral.status,
        referral.version,
        referral.version - len(steps),
        referral.holder_id,
        referral.seen_at,
        clocks.reply_by,
        clocks.act_by,
        clocks.close_by,
        clocks.paused_at,
        clocks.due_at,
        *_columns_of(steps),
        changed.id if changed else None,
        changed.is_open if changed else None,
        changed.closed_at if changed else None,
        changed.close_reason if changed else None,
        changed.version if changed else None,
        *columns_of(tx, _facts(changed, referral)),
    )
    if row is None or row["saved"] != 1:
        raise VersionConflict


async def other_open_legs(tx: Tx, referral: Referral) -> int:
    """How many other referrals of the same case have not ended."""
    count: int = await tx.fetchval(_OPEN_LEGS_SQL, referral.case_id, referral.id)
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
        limits=Limits(row["reply_limit"], row["act_limit"], row["close_limit"]),
        status=ReferralStatus(row["status"]),
        version=row["version"],
        clocks=Clocks(row["reply_by"], row["act_by"], row["close_by"], row["paused_at"]),
        holder_id=row["holder_id"],
        seen_at=row["seen_at"],
        sent_at=row["sent_at"],
    )


def _columns_of(steps: Sequence[Step]) -> list[list[Any]]:
    names = (
        "version", "verb", "status", "at", "occurred_at", "actor_id", "acting_pillar",
        "acting_area", "note", "reason", "outcome", "service",
    )  # fmt: skip
    return [[getattr(step, name) for step in steps] for name in names]


def _facts(case: Case | None, referral: Referral) -> list[Fact]:
    facts: list[Fact] = []
    if case is not None:
        first = case.version - len(case.facts) + 1
        facts += [Fact(case.id, first + index, data) for index, data in enumerate(case.facts)]
    first = referral.version - len(referral.facts) + 1
    facts += [Fact(referral.id, first + index, data) for index, data in enumerate(referral.facts)]
    return facts
