"""Take over many records at once, each under the id it already has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary, NikAbsentReason, Particulars
from services.registry.storage import beneficiaries
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.registrations import Registration
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.database import Tx

BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedBeneficiary:
    """One record as it comes from elsewhere."""

    id: UUID
    kind: BeneficiaryKind
    said: Particulars
    registered_by: UUID
    legal_basis: LegalBasis
    nik: str | None = None
    nik_absent_reason: NikAbsentReason | None = None


async def import_beneficiaries(
    imported: Sequence[ImportedBeneficiary], *, tx: Tx, actor: Actor, vault: NikVault
) -> int:
    """Store those whose id is new, with their events; returns how many that were.

    Runs under the worker's role, for it writes into any area. The same rules hold as for a
    single registration, except that nobody looks for duplicates: the source vouches for its ids.
    """
    added = 0
    for start in range(0, len(imported), BATCH):
        registrations = [_registration(one) for one in imported[start : start + BATCH]]
        ids = await beneficiaries.add(tx, vault, registrations)
        await audit.record(tx, actor, "beneficiary.imported", sorted(ids))
        added += len(ids)
    return added


def _registration(one: ImportedBeneficiary) -> Registration:
    beneficiary = Beneficiary.register(
        beneficiary_id=one.id,
        kind=one.kind,
        said=one.said,
        registered_by=one.registered_by,
        nik=one.nik,
        nik_absent_reason=one.nik_absent_reason,
    )
    return Registration(beneficiary, one.legal_basis)
