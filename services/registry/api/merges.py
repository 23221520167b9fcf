"""Records that may be one person: who looks alike, which are merged, which are not the same."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from services.registry.api.answers import CandidateListOut, CandidateOut, RecordOut
from services.registry.api.dependencies import Changer, Merger, Reader, Vault
from services.registry.domain.birth import local_day
from services.registry.use_cases.find_lookalikes import find_lookalikes_of
from services.registry.use_cases.merge_beneficiary import merge_beneficiary
from services.registry.use_cases.read_beneficiary import read_beneficiary
from services.registry.use_cases.say_different import say_different
from services.registry.use_cases.unmerge_beneficiary import unmerge_beneficiary
from shared.http import Input, Session
from shared.idempotency import OncePerKey

router = APIRouter(prefix="/beneficiaries/{beneficiary_id}", tags=["duplicates"])


class IntoIn(Input):
    """The record that remains."""

    into: UUID


class OtherIn(Input):
    """The record that is of somebody else."""

    other: UUID


class DifferentOut(BaseModel):
    """Two records of two people, never shown as look-alikes again."""

    one: UUID
    other: UUID


@router.get("/lookalikes")
async def find_alike(
    beneficiary_id: UUID, tx: Session, actor: Reader, vault: Vault
) -> CandidateListOut:
    """Who may be the same as this registered beneficiary."""
    found = await find_lookalikes_of(beneficiary_id, tx=tx, actor=actor, vault=vault)
    return CandidateListOut(
        items=[CandidateOut.model_validate(one.as_candidate()) for one in found]
    )


@router.post("/different", response_model=DifferentOut)
async def part(beneficiary_id: UUID, body: OtherIn, actor: Changer, once: OncePerKey) -> Response:
    """Remember for good that the two are different people."""
    if once.replay:
        return once.replay
    await say_different(beneficiary_id, body.other, tx=once.tx, actor=actor)
    return await once.answer(DifferentOut(one=beneficiary_id, other=body.other))


@router.post("/merge", response_model=RecordOut)
async def merge(
    beneficiary_id: UUID, body: IntoIn, actor: Merger, once: OncePerKey, vault: Vault
) -> Response:
    """Let this record go on as another; answers with that one."""
    if once.replay:
        return once.replay
    await merge_beneficiary(beneficiary_id, body.into, tx=once.tx, actor=actor, vault=vault)
    record = await read_beneficiary(body.into, tx=once.tx, actor=actor, vault=vault)
    return await once.answer(RecordOut.of(record, local_day(once.tx.now)))


@router.post("/unmerge", response_model=RecordOut)
async def unmerge(beneficiary_id: UUID, actor: Merger, once: OncePerKey, vault: Vault) -> Response:
    """Take a merge back; answers with this record, which stands for itself again."""
    if once.replay:
        return once.replay
    await unmerge_beneficiary(beneficiary_id, tx=once.tx, actor=actor, vault=vault)
    record = await read_beneficiary(beneficiary_id, tx=once.tx, actor=actor, vault=vault)
    return await once.answer(RecordOut.of(record, local_day(once.tx.now)))
