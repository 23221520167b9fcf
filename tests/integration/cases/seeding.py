"""Referrals put into the database as sending would put them, in any state a test needs."""

import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.cases.domain.case import Case
from services.cases.domain.clocks import Limits
from services.cases.domain.referral import By, Referral
from services.cases.domain.referral_status import Relation
from services.cases.storage import referrals
from shared.auth import Actor
from shared.contracts.codes import Confidentiality, LegalBasis, Urgency
from shared.database import Database
from tests.conftest import CANDIPURO, SUMBERWULUH

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
            number=f"RJ-35.08-2026-{uuid.uuid4()}",
            beneficiary_id=DEFAULTS["beneficiary_id"],
            area=SUMBERWULUH,
            opened_by=sender.id,
            opened_at=tx.now,
        )
        case.open()
        one = Referral(
            id=uuid.uuid4(),
            case_id=case.id,
            case_number=case.number,
            sender_id=sender.id,
            **{**DEFAULTS, **changes},
        )
        duty = sender.duties[0]
        one.send(By(sender.id, duty.pillar, duty.area, frozenset({Relation.SENDER})), now=tx.now)
        await referrals.add(tx, case, one)
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
