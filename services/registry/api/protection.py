"""The protection of one person's data: grounds, requests, and the file they may ask for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.registry.api.answers import WarningOut
from services.registry.api.dependencies import ProtectionHandler, ProtectionRecorder, Vault
from services.registry.api.file_shapes import FileOut
from services.registry.api.protection_shapes import (
    GroundsIn,
    MadeOut,
    ProtectionOut,
    RequestIn,
    WithdrawalIn,
)
from services.registry.domain.requests import RequestKind
from services.registry.use_cases.hand_out_file import HandedTo, hand_out_file
from services.registry.use_cases.read_protection import read_protection
from services.registry.use_cases.record_grounds import record_grounds
from services.registry.use_cases.take_request import take_request
from services.registry.use_cases.withdraw_consent import withdraw_consent
from shared.http import Session
from shared.idempotency import OncePerKey

router = APIRouter(prefix="/beneficiaries/{beneficiary_id}", tags=["data protection"])


@router.get("/protection")
async def read(beneficiary_id: UUID, tx: Session, actor: ProtectionRecorder) -> ProtectionOut:
    """Grounds, requests and the end of the record."""
    return ProtectionOut.of(await read_protection(beneficiary_id, tx=tx, actor=actor))


@router.post("/legal-bases", status_code=201, response_model=MadeOut)
async def record(
    beneficiary_id: UUID, body: GroundsIn, actor: ProtectionRecorder, once: OncePerKey
) -> Response:
    """Write down why data may be held for a purpose; for service it lifts a restriction."""
    if once.replay:
        return once.replay
    made, findings = await record_grounds(
        beneficiary_id, body.to_grounds(once.tx.now), tx=once.tx, actor=actor
    )
    return await once.answer(MadeOut(id=made, warnings=WarningOut.of(findings)), status=201)


@router.post("/legal-bases/{basis_id}/withdraw", status_code=201, response_model=MadeOut)
async def withdraw(
    *,
    beneficiary_id: UUID,
    basis_id: UUID,
    body: WithdrawalIn,
    actor: ProtectionRecorder,
    once: OncePerKey,
) -> Response:
    """Withdraw a consent: within 3 x 24 hours nothing more is done on its grounds."""
    if once.replay:
        return once.replay
    made = await withdraw_consent(
        beneficiary_id, basis_id, words=body.words, tx=once.tx, actor=actor
    )
    return await once.answer(MadeOut(id=made), status=201)


@router.post("/requests", status_code=201, response_model=MadeOut)
async def ask(
    beneficiary_id: UUID, body: RequestIn, actor: ProtectionRecorder, once: OncePerKey
) -> Response:
    """Take down what the person asks; the officer answers within 3 x 24 hours."""
    if once.replay:
        return once.replay
    made = await take_request(
        beneficiary_id, RequestKind(body.kind), words=body.words, tx=once.tx, actor=actor
    )
    return await once.answer(MadeOut(id=made), status=201)


@router.get("/file")
async def hand_out(
    beneficiary_id: UUID,
    handed_to: Annotated[HandedTo, Query(description="Who is given the file")],
    tx: Session,
    actor: ProtectionHandler,
    vault: Vault,
) -> FileOut:
    """Everything held about the person, for the person; that it was given is audited."""
    found = await hand_out_file(beneficiary_id, handed_to, tx=tx, actor=actor, vault=vault)
    return FileOut.of(found)
