"""Referrals put into the database as sending would put them, in any state a test needs."""

import uuid
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from services.cases.domain.case import Case
from services.cases.domain.clocks import Limits
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Relation
from services.cases.domain.steps import By
from services.cases.storage import referrals
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, LegalBasis, Urgency
from shared.database import Database
from tests.conftest import CANDIPURO, SUMBERWULUH

NUMBERS = count(500_000)
"""Far from those the service itself hands out."""
DEFAULTS: dict[str, Any] = {
    "beneficiary_id": UUID(int=7),
    "pillar": "TKSK",
    "area": CANDIPURO,
    "organisation_id": None,
    "worker_id": None,
    "sender_area": SUMBERWULUH,
    "sender_pillar": "PSM",
    "place": SUMBERWULUH,
    "category": "GLD",
    "situation": "HOMELESS",
    "urgency": Urgency.HIGH,
    "confidentiality": Confidentiality.C1,
    "need": "Tidur di emper pasar.",
    "legal_basis": LegalBasis.PUBLIC_TASK,
    "rule_id": "R026",
    "reasons": ("Aturan R026.",),
    "flags": (),
    "pool": (),
    "limits": Limits(timedelta(hours=2), timedelta(hours=24), timedelta(days=7)),
}


async def put(database: Database, sender: Actor, **changes: Any) -> UUID:
    """Send one referral; `status` and `holder_id` are set behind the domain's back."""
    status = changes.pop("status", "sent")
    holder = changes.pop("holder_id", None)
    async with database.transaction() as tx:
        case = Case(
            id=uuid.uuid4(),
            number=f"RJ-35.08-2026-{next(NUMBERS):06d}",
            beneficiary_id=DEFAULTS["beneficiary_id"],
            area=SUMBERWULUH,
            opened_by=sender.id,
            opened_at=tx.now,
        )
        duty = sender.duties[0]
        by = By(sender.id, duty.pillar, duty.area, frozenset({Relation.SENDER}), tx.now)
        case.open(by)
        one = Referral(
            id=uuid.uuid4(),
            case_id=case.id,
            case_number=case.number,
            sender_id=sender.id,
            **{**DEFAULTS, **changes},
        )
        one.send(by)
        await referrals.add(tx, one, case)
        await tx.fetch(
            """
            update referrals set status = $2, holder_id = $3,
                paused_at = case when $2 = 'returned' then now() end,
                due_at = case when $2 = 'returned' then null else due_at end
            where id = $1
            """,
            one.id,
            status,
            holder,
        )
    return one.id


async def multiply(owner: asyncpg.Connection, referral_id: UUID, many: int) -> None:
    """Further referrals of the same case, all like this one, until there are as many."""
    names = await owner.fetchval(
        "select string_agg(column_name, ', ') from information_schema.columns"
        " where table_schema = 'cases' and table_name = 'referrals' and column_name <> 'id'"
        " and is_generated = 'NEVER'"
    )
    await owner.execute(
        f"insert into cases.referrals (id, {names}) select gen_random_uuid(), {names}"  # noqa: S608 - our own names
        " from cases.referrals, generate_series(2, $2) where id = $1",
        referral_id,
        many,
    )
