"""Say that a category does not hold any more, since when and why."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.registry.domain.birth import local_day
from services.registry.domain.category_period import CategoryNotHeld, EndReason, require_end
from services.registry.storage import beneficiaries, category_periods
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.access import changeable, require_seen
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def end_category(
    beneficiary_id: UUID,
    code: str,
    *,
    reason: EndReason,
    until: date | None,
    tx: Tx,
    actor: Actor,
    vault: NikVault,
) -> None:
    """It held up to that day, today if none is said; also the last one of a record may end.

    Raises `NotFound` out of scope, `Forbidden` when the caller may not change the record,
    `CategoryNotHeld`, and `RuleViolated` for a wrong day.
    """
    beneficiary = await changeable(beneficiary_id, tx=tx, actor=actor, vault=vault)
    require_seen(beneficiary, code, actor)
    held = beneficiary.said.categories
    if code not in held:
        raise CategoryNotHeld
    today = local_day(tx.now)
    day = until or today
    since = await category_periods.since(tx, beneficiary_id, code)
    require_end(day, since=since, today=today)
    left = tuple(one for one in held if one != code)
    beneficiary.change(replace(beneficiary.said, categories=left))
    await beneficiaries.save(tx, vault, actor, beneficiary)
    await category_periods.explain_end(tx, actor, beneficiary_id, code, reason=reason, until=day)
    await audit.record(tx, actor, "beneficiary.category_ended", [beneficiary_id])
