"""Vouch for a category."""

from uuid import UUID

from services.registry.domain.category_period import CategoryNotHeld
from services.registry.storage import category_periods
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.access import changeable, require_seen
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def verify_category(
    beneficiary_id: UUID,
    code: str,
    evidence: str | None,
    *,
    tx: Tx,
    actor: Actor,
    vault: NikVault,
) -> None:
    """The caller has looked into it, now; a later look replaces an earlier one.

    Raises `NotFound` out of scope, `Forbidden` when the caller may not change the record, and
    `CategoryNotHeld`.
    """
    beneficiary = await changeable(beneficiary_id, tx=tx, actor=actor, vault=vault)
    require_seen(beneficiary, code, actor)
    if code not in beneficiary.said.categories:
        raise CategoryNotHeld
    await category_periods.verify(tx, actor, beneficiary_id, code, evidence)
    await audit.record(tx, actor, "beneficiary.category_verified", [beneficiary_id])
