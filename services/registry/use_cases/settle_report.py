"""Decide about a report: whose it is, or why it is nobody's."""

from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.finding import Finding
from services.registry.domain.report import ReportHandled, ReportRefusal, ReportState
from services.registry.storage import reports
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.access import readable
from services.registry.use_cases.register_beneficiary import (
    RegisterBeneficiary,
    register_beneficiary,
)
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def register_reported(
    report_id: UUID, command: RegisterBeneficiary, *, tx: Tx, actor: Actor, vault: NikVault
) -> tuple[Beneficiary, list[Finding]]:
    """Record somebody new for a report, and settle it in the same step.

    Look-alikes are looked for as in every registration. Raises what `register_beneficiary` and
    `settle_as` raise.
    """
    await _take(report_id, tx=tx, actor=actor)
    made = await register_beneficiary(command, tx=tx, actor=actor, vault=vault)
    await _settle(report_id, command.id, tx=tx, actor=actor)
    return made


async def settle_as(report_id: UUID, beneficiary_id: UUID, *, tx: Tx, actor: Actor) -> None:
    """The report tells of somebody who is recorded already.

    Raises `NotFound` for a report or a record out of scope, `ReportHandled` once it is decided.
    """
    await _take(report_id, tx=tx, actor=actor)
    await readable(beneficiary_id, tx=tx, actor=actor)
    await _settle(report_id, beneficiary_id, tx=tx, actor=actor)


async def refuse_report(report_id: UUID, refusal: ReportRefusal, *, tx: Tx, actor: Actor) -> None:
    """Nobody is recorded for it; raises as `settle_as` does."""
    await _take(report_id, tx=tx, actor=actor)
    await reports.settle(tx, actor, report_id, beneficiary_id=None, refusal=refusal)
    await audit.record(tx, actor, "report.refused", [report_id], detail=refusal)


async def _take(report_id: UUID, *, tx: Tx, actor: Actor) -> None:
    state = await reports.take(tx, actor, report_id)
    if state is None:
        raise NotFound
    if state is not ReportState.OPEN:
        raise ReportHandled


async def _settle(report_id: UUID, beneficiary_id: UUID, *, tx: Tx, actor: Actor) -> None:
    await reports.settle(tx, actor, report_id, beneficiary_id=beneficiary_id, refusal=None)
    # Of which record it tells stands in the report alone, which forgets it with the person.
    await audit.record(tx, actor, "report.settled", [report_id])
    await audit.record(tx, actor, "beneficiary.reported", [beneficiary_id])
