"""Registrations as rows: sealed, hashed and spelled before the database is asked."""

from dataclasses import dataclass, field
from typing import Any

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.birth import Birth
from services.registry.domain.consent import Consent
from services.registry.domain.name import key_of
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.marks import Probe, probe_of
from shared.contracts.codes import LegalBasis
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Registration:
    """A new beneficiary and the grounds on which its data may be held."""

    beneficiary: Beneficiary
    legal_basis: LegalBasis
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A registration and its row, in the order in which `beneficiaries.add` gives the columns."""

    beneficiary: Beneficiary
    row: tuple[Any, ...] = field(repr=False)


def written(
    vault: NikVault,
    registration: Registration,
    *,
    index: bytes | None = None,
    probe: Probe | None = None,
) -> Written:
    """The row of a registration; no database is asked, so it can be made ahead of its turn.

    `index`, the newest blind index of its NIK, and `probe` are given where they are made already.
    """
    beneficiary, consent = registration.beneficiary, registration.consent
    said, nik = beneficiary.said, beneficiary.nik
    if probe is None:
        probe = probe_of(vault, beneficiary.kind, said, has_nik=nik is not None)
    row = (
        beneficiary.id,
        beneficiary.kind,
        said.name,
        key_of(said.name),
        said.sex,
        *birth_columns(said.birth),
        vault.seal(nik, beneficiary.id) if nik else None,
        beneficiary.nik_absent_reason,
        said.area,
        said.address,
        said.phone,
        said.safe_contact,
        ",".join(said.categories),
        beneficiary.confidentiality,
        beneficiary.registered_by,
        index or (vault.index(nik) if nik else None),
        new_id(),
        registration.legal_basis,
        consent.text_version if consent else None,
        consent.channel if consent else None,
        consent.at if consent else None,
        probe.sound_text,
        probe.traits.phone,
    )
    return Written(beneficiary, row)


def birth_columns(birth: Birth | None) -> tuple[Any, Any, Any]:
    """How exactly, the year, and the day of a birth."""
    return (birth.precision, birth.year, birth.on) if birth else (None, None, None)
