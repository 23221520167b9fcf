"""Say that a category holds, since when and on what evidence."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.registry.domain.birth import local_day
from services.registry.domain.category_period import CategoryHeld, require_beginning
from services.registry.domain.finding import Finding
from services.registry.storage import beneficiaries, category_periods
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.access import changeable, require_seen
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def give_category(
    beneficiary_id: UUID,
    code: str,
    *,
    evidence: str | None,
    since: date | None,
    tx: Tx,
    actor: Actor,
    vault: NikVault,
) -> list[Finding]:
    """What looks odd about the record now.

    Raises `NotFound` out of scope, `Forbidden` when the caller may not change the record,
    `CategoryHeld` when the category holds, and `RuleViolated` for one that may not be given.
    """
    beneficiary = await changeable(beneficiary_id, tx=tx, actor=actor, vault=vault)
    require_seen(beneficiary, code, actor)
    today = local_day(tx.now)
    require_beginning(since, today=today)
    held = beneficiary.said.categories
    if code in held:
        raise CategoryHeld
    beneficiary.change(replace(beneficiary.said, categories=(*held, code)))
    await beneficiaries.save(tx, vault, actor, beneficiary)
    await category_periods.describe(tx, beneficiary_id, code, evidence=evidence, since=since)
    await audit.record(tx, actor, "beneficiary.category_given", [beneficiary_id])
    return beneficiary.findings(today)
