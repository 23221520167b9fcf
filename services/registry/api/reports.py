"""Reports by other systems: taken in for them, and decided about by those who work there."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from services.registry.api.answers import RegisteredOut
from services.registry.api.bodies import BeneficiaryIn
from services.registry.api.dependencies import Reporter, ReportHandler, Vault, refusals_noted
from services.registry.api.report_shapes import (
    FiledOut,
    ReportIn,
    ReportListOut,
    ReportOut,
    ReportRowOut,
    SettleIn,
    asked_of,
)
from services.registry.domain.lookalike import Lookalike
from services.registry.domain.report import ReportState
from services.registry.storage.marks import probe_of
from services.registry.use_cases.file_report import file_report
from services.registry.use_cases.find_lookalikes import find_lookalikes
from services.registry.use_cases.list_reports import list_reports
from services.registry.use_cases.read_report import read_report
from services.registry.use_cases.settle_report import (
    refuse_report,
    register_reported,
    settle_as,
)
from shared.http import Session
from shared.idempotency import OncePerKey

router = APIRouter(prefix="/reports", tags=["reports"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def file(
    body: ReportIn, tx: Session, actor: Reporter, vault: Vault, response: Response
) -> FiledOut:
    """Take a report in; one sent again answers 200 and how far the first is."""
    new = body.to_report(tx.now)
    filed = await file_report(new, tx=tx, actor=actor, vault=vault)
    if filed.id != new.id:
        response.status_code = status.HTTP_200_OK
    return FiledOut.to_source(filed)


@router.get("")
async def find(
    *,
    tx: Session,
    actor: ReportHandler,
    vault: Vault,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ReportListOut:
    """Those that wait for a decision in the caller's area, the oldest first."""
    found = await list_reports(after=cursor, limit=limit, tx=tx, actor=actor, vault=vault)
    return ReportListOut(
        items=[ReportRowOut.of(one) for one in found],
        next=found[-1].id if len(found) == limit else None,
    )


@router.get("/{report_id}")
async def read(report_id: UUID, tx: Session, actor: ReportHandler, vault: Vault) -> ReportOut:
    """One report, with whoever is recorded and looks like the person it tells of."""
    report = await read_report(report_id, tx=tx, actor=actor, vault=vault)
    found: list[Lookalike] = []
    if asked := asked_of(report):
        said = asked.to_particulars(report.received_at)
        # What cannot be a NIK is none: whoever has one would not be compared with it.
        numbered = asked.to_numbered()
        probe = probe_of(
            vault, asked.kind, said, has_nik=asked.nik is not None and numbered is not None
        )
        found = await find_lookalikes(probe, numbered=numbered, tx=tx, actor=actor, vault=vault)
    return ReportOut.of(report, found)


@router.post(
    "/{report_id}/register",
    status_code=status.HTTP_201_CREATED,
    response_model=RegisteredOut,
    dependencies=[Depends(refusals_noted, scope="function")],
)
async def register(
    report_id: UUID, body: BeneficiaryIn, actor: ReportHandler, once: OncePerKey, vault: Vault
) -> Response:
    """Register whom it tells of; refused for look-alikes like any other registration."""
    if once.replay:
        return once.replay
    beneficiary, findings = await register_reported(
        report_id, body.to_command(once.tx.now), tx=once.tx, actor=actor, vault=vault
    )
    answer = RegisteredOut.of(beneficiary, findings)
    return await once.answer(answer, status=status.HTTP_201_CREATED)


@router.post("/{report_id}/settle", response_model=FiledOut)
async def settle(
    report_id: UUID, body: SettleIn, actor: ReportHandler, once: OncePerKey
) -> Response:
    """Say that it tells of somebody recorded, or why nobody is recorded for it."""
    if once.replay:
        return once.replay
    state = ReportState.SETTLED
    if body.beneficiary_id is not None:
        await settle_as(report_id, body.beneficiary_id, tx=once.tx, actor=actor)
    elif body.refusal is not None:
        await refuse_report(report_id, body.refusal, tx=once.tx, actor=actor)
        state = ReportState.REFUSED
    return await once.answer(FiledOut(id=report_id, state=state, refusal=body.refusal))
