"""Say something else of a beneficiary."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.birth import local_day
from services.registry.domain.errors import AlreadyMerged
from services.registry.domain.finding import Finding
from services.registry.storage import beneficiaries, marks
from services.registry.storage.field_encryption import NikVault
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound, VersionConflict
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

    Raises `NotFound` out of scope, `Forbidden` when the caller may read but not change it or
    may not register where it would go, `AlreadyMerged` when it goes on as another record, and
    `VersionConflict` when it is not the version expected.
    """
    beneficiary = await beneficiaries.get_for_change(tx, vault, actor, beneficiary_id)
    if beneficiary is None:
        raise NotFound
    require(actor, Action.BENEFICIARY_CHANGE, resource_of(beneficiary))
    if beneficiary.merged_into is not None:
        raise AlreadyMerged(beneficiary.merged_into)
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


def resource_of(beneficiary: Beneficiary) -> Resource:
    """What the policy needs to know of a record."""
    return Resource(
        area=beneficiary.said.area,
        owners=(beneficiary.registered_by,),
        named=beneficiary.granted_to,
        confidentiality=beneficiary.confidentiality,
    )
