"""Say something else of a beneficiary."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.birth import local_day
from services.registry.domain.finding import Finding
from services.registry.storage import beneficiaries, marks
from services.registry.storage.access import is_masked
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.access import changeable
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import VersionConflict
from shared.policy import Action, Resource, require

_COMPARED: Final = frozenset({"name", "sex", "birth", "area", "phone"})


async def change_beneficiary(
    beneficiary_id: UUID,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None,
    tx: Tx,
    actor: Actor,
    vault: NikVault,
) -> list[Finding]:
    """Put `changes` (fields of `Particulars`) in place; what looks odd afterwards.

    Of a record that is hidden from the caller nothing is odd, for that would tell what it hides.
    Raises `NotFound` out of scope, `Forbidden` when the caller may read but not change it or
    may not register where it would go, `AlreadyMerged` when it goes on as another record, and
    `VersionConflict` when it is not the version expected.
    """
    beneficiary = await changeable(beneficiary_id, tx=tx, actor=actor, vault=vault)
    if expected_version is not None and expected_version != beneficiary.version:
        raise VersionConflict(version_now=beneficiary.version)
    area_before = beneficiary.said.area
    if beneficiary.change(replace(beneficiary.said, **changes)):
        if beneficiary.said.area != area_before:
            require(actor, Action.BENEFICIARY_REGISTER, Resource(area=beneficiary.said.area))
        await beneficiaries.save(tx, vault, actor, beneficiary)
        await audit.record(
            tx, actor, "beneficiary.changed", [beneficiary_id], detail=",".join(sorted(changes))
        )
    if is_masked(actor, beneficiary):
        return []
    return [
        *beneficiary.findings(local_day(tx.now)),
        *(
            await _lookalikes(beneficiary, vault, tx=tx, actor=actor)
            if changes.keys() & _COMPARED
            else ()
        ),
    ]


async def _lookalikes(
    beneficiary: Beneficiary, vault: NikVault, *, tx: Tx, actor: Actor
) -> list[Finding]:
    """That the record now looks like others, which its own page shows."""
    probe = marks.probe_of(
        vault,
        beneficiary.kind,
        beneficiary.said,
        has_nik=beneficiary.nik is not None,
        beneficiary_id=beneficiary.id,
    )
    (found,) = await marks.lookalikes(tx, actor, [probe])
    if not found:
        return []
    detail = f"Serupa dengan {len(found)} data lain. Periksa apakah orangnya sama."
    return [Finding("possible-duplicate", "/name", detail)]
