"""Ask, of one row of a list, for the registration it means; no database is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.finding import Finding
from services.registry.domain.import_row import ReadRow, Wanted
from services.registry.domain.kk import kk_findings
from services.registry.domain.list_import import LineResult, LineStatus
from services.registry.storage import marks
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.marks import Probe
from services.registry.storage.registrations import Registration, Written, written
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.errors import RuleViolated
from shared.ids import new_id
from shared.policy import Action, Resource, decide

_EMPTY: Final = "Baris kosong."
_OUTSIDE: Final = "Desa/kelurahan ini di luar wilayah tugas Anda."


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A row that rules and duties allow to be registered, with what it is found again by."""

    line: int
    wanted: Wanted
    keys: Sequence[UUID]
    marks: Sequence[bytes]
    """What its NIK, or a family's No. KK, may be found under; nothing where it gives none."""
    written: Written
    probe: Probe
    findings: tuple[Finding, ...]

    @property
    def key(self) -> UUID:
        """What it is kept under from now on; an older list may have kept another."""
        return self.keys[0]

    @property
    def mark(self) -> bytes | None:
        """What its number is kept under from now on; None where it gives none."""
        return self.marks[0] if self.marks else None

    @property
    def beneficiary(self) -> Beneficiary:
        """The record it becomes."""
        return self.written.beneficiary

    @property
    def nik(self) -> str | None:
        """The NIK it gives."""
        return self.wanted.nik

    @property
    def card(self) -> str | None:
        """The No. KK that a family gives, by which it is known as a person is by the NIK."""
        return self.wanted.kk if self.wanted.kind is BeneficiaryKind.FAMILY else None

    @property
    def number_name(self) -> str:
        """What that number is called."""
        return "No. KK" if self.card else "NIK"


def ask_for_row(
    row: ReadRow, *, actor: Actor, basis: LegalBasis, vault: NikVault, today: date
) -> AskedRow | LineResult:
    """What a row asks for, or what became of it already; asks no database."""
    wanted, line = row.wanted, row.number
    if wanted is None:
        status = LineStatus.REFUSED if row.faults else LineStatus.SKIPPED
        return LineResult(line, status, why=" ".join(row.faults) or _EMPTY)
    if not decide(actor, Action.BENEFICIARY_IMPORT, Resource(area=wanted.said.area)):
        return LineResult(line, LineStatus.REFUSED, why=_OUTSIDE)
    is_family = wanted.kind is BeneficiaryKind.FAMILY
    try:
        beneficiary = Beneficiary.register(
            beneficiary_id=new_id(),
            kind=wanted.kind,
            said=wanted.said,
            registered_by=actor.id,
            nik=wanted.nik,
            nik_absent_reason=wanted.nik_absent_reason,
            kk=wanted.kk if is_family else None,
        )
    except RuleViolated as fault:
        return LineResult(line, LineStatus.REFUSED, why=str(fault.detail or fault.title))
    findings = beneficiary.findings(today)
    of_nik = vault.indexes(wanted.nik) if wanted.nik else []
    of_card = vault.kk_indexes(wanted.kk) if wanted.kk else []
    if wanted.kk and not is_family:
        findings += kk_findings(wanted.kk, today=today)
    probe = marks.probe_of(
        vault,
        wanted.kind,
        wanted.said,
        has_nik=wanted.nik is not None,
        cards=() if is_family else of_card,
    )
    index = next(iter(of_nik), None)
    return AskedRow(
        line=line,
        wanted=wanted,
        keys=vault.row_keys(wanted.content),
        marks=of_card if is_family else of_nik,
        written=written(vault, Registration(beneficiary, basis), index=index, probe=probe),
        probe=probe,
        findings=tuple(findings),
    )
