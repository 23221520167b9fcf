"""Write down the number of a family's card, or that it is not known any more."""

from uuid import UUID

from services.registry.domain.beneficiary import require_kk_of
from services.registry.domain.birth import local_day
from services.registry.domain.finding import Finding
from services.registry.domain.kk import kk_findings
from services.registry.storage import family_cards
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.access import changeable
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind
from shared.database import Tx
from shared.errors import RuleViolated


async def change_family_card(
    family_id: UUID, kk: str | None, *, tx: Tx, actor: Actor, vault: NikVault
) -> list[Finding]:
    """What looks odd about the new number; the old one is forgotten.

    Raises `NotFound` out of scope, `Forbidden` when the caller may not change the family, and
    `RuleViolated` for what is no family or no such number.
    """
    family = await changeable(family_id, tx=tx, actor=actor, vault=vault)
    if kk is not None:
        require_kk_of(family.kind, kk)
    elif family.kind is not BeneficiaryKind.FAMILY:
        raise RuleViolated("Hanya keluarga yang memiliki No. KK.", "/kk")
    await family_cards.replace(tx, vault, family_id, kk)
    await audit.record(tx, actor, "beneficiary.changed", [family_id], detail="kk")
    return kk_findings(kk, today=local_day(tx.now)) if kk else []
