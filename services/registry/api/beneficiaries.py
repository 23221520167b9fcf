"""Beneficiaries over HTTP: register, read, change, list."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response

from services.registry.api.answers import (
    RecordOut,
    RegisteredOut,
    SummaryListOut,
)
from services.registry.api.bodies import (
    AreaCode,
    BeneficiaryIn,
    BeneficiaryPatch,
    CategoryCode,
    NikChange,
)
from services.registry.api.dependencies import Changer, Reader, Registrar, Vault, refusals_noted
from services.registry.domain.birth import local_day
from services.registry.storage.lists import Search
from services.registry.use_cases.change_beneficiary import change_beneficiary
from services.registry.use_cases.change_nik import change_nik
from services.registry.use_cases.list_beneficiaries import list_beneficiaries
from services.registry.use_cases.read_beneficiary import read_beneficiary
from services.registry.use_cases.register_beneficiary import register_beneficiary
from shared.http import Session
from shared.idempotency import OncePerKey

router = APIRouter(prefix="/beneficiaries", tags=["beneficiaries"])

IfMatch = Annotated[
    str | None,
    Header(pattern=r'^(W/)?"?[0-9]{1,9}"?$', description="The version the change starts from"),
]


@router.post(
    "",
    status_code=201,
    response_model=RegisteredOut,
    dependencies=[Depends(refusals_noted, scope="function")],
)
async def register(
    body: BeneficiaryIn, actor: Registrar, once: OncePerKey, vault: Vault
) -> Response:
    """Register a beneficiary; a `possible-duplicate` answer names records with the same NIK."""
    if once.replay:
        return once.replay
    beneficiary, findings = await register_beneficiary(
        body.to_command(once.tx.now), tx=once.tx, actor=actor, vault=vault
    )
    return await once.answer(RegisteredOut.of(beneficiary, findings), status=201)


@router.get("")
async def find(
    *,
    tx: Session,
    actor: Reader,
    name: Annotated[str | None, Query(min_length=2, max_length=100)] = None,
    area: AreaCode | None = None,
    category: CategoryCode | None = None,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> SummaryListOut:
    """Beneficiaries in scope, newest first; with `name` those that sound like it, best first."""
    search = Search(name=name, area=area, category=category, after=cursor, limit=limit)
    return SummaryListOut.of(await list_beneficiaries(search, tx=tx, actor=actor))


@router.get("/{beneficiary_id}")
async def read(beneficiary_id: UUID, tx: Session, actor: Reader, vault: Vault) -> RecordOut:
    """One record; the read is written to its audit trail."""
    record = await read_beneficiary(beneficiary_id, tx=tx, actor=actor, vault=vault)
    return RecordOut.of(record, local_day(tx.now))


@router.patch("/{beneficiary_id}", response_model=RecordOut)
async def change(
    *,
    beneficiary_id: UUID,
    body: BeneficiaryPatch,
    actor: Changer,
    once: OncePerKey,
    vault: Vault,
    if_match: IfMatch = None,
) -> Response:
    """Change what is said of a beneficiary; answers with the record as it then stands."""
    if once.replay:
        return once.replay
    findings = await change_beneficiary(
        beneficiary_id,
        body.to_changes(once.tx.now),
        expected_version=_version(if_match),
        tx=once.tx,
        actor=actor,
        vault=vault,
    )
    record = await read_beneficiary(beneficiary_id, tx=once.tx, actor=actor, vault=vault)
    return await once.answer(RecordOut.of(record, local_day(once.tx.now), findings))


@router.put(
    "/{beneficiary_id}/nik",
    response_model=RecordOut,
    dependencies=[Depends(refusals_noted, scope="function")],
)
async def put_nik(
    *,
    beneficiary_id: UUID,
    body: NikChange,
    actor: Changer,
    once: OncePerKey,
    vault: Vault,
    if_match: IfMatch = None,
) -> Response:
    """Replace a person's NIK or the reason why there is none; answers like a change."""
    if once.replay:
        return once.replay
    findings = await change_nik(
        body.to_command(beneficiary_id, _version(if_match)),
        tx=once.tx,
        actor=actor,
        vault=vault,
    )
    record = await read_beneficiary(beneficiary_id, tx=once.tx, actor=actor, vault=vault)
    return await once.answer(RecordOut.of(record, local_day(once.tx.now), findings))


def _version(if_match: str | None) -> int | None:
    return int(if_match.removeprefix("W/").strip('"')) if if_match else None
