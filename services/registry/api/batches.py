"""Many registrations at once, as a device that was offline sends them."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.registry.api.answers import CandidateOut, WarningOut
from services.registry.api.bodies import BeneficiaryIn
from services.registry.api.dependencies import Registrar, Vault
from services.registry.use_cases.register_batch import (
    Item,
    ItemResult,
    ItemStatus,
    register_batch,
)
from shared.batches import BatchIn, Fault, KeyedIn, Read
from shared.errors import Problem
from shared.http import Session

router = APIRouter(prefix="/beneficiaries", tags=["beneficiaries"])


class BatchItemIn(KeyedIn, BeneficiaryIn):
    """One new beneficiary under its key."""


class BatchItemOut(BaseModel):
    """What became of one item."""

    key: UUID | None
    """None when the key itself could not be read."""
    status: ItemStatus
    id: UUID | None = None
    candidates: list[CandidateOut] = []
    errors: list[Fault] = []
    warnings: list[WarningOut] = []

    @classmethod
    def of(cls, key: UUID, result: ItemResult) -> Self:
        """The result of an item that could be read."""
        return cls(
            key=key,
            status=result.status,
            id=result.id,
            candidates=[
                CandidateOut.model_validate(one.as_candidate()) for one in result.candidates
            ],
            errors=Fault.of(result.problem) if result.problem else [],
            warnings=WarningOut.of(list(result.findings)),
        )


class BatchOut(BaseModel):
    """One result per item, in the order of the items."""

    items: list[BatchItemOut]


@router.post("/batch")
async def register_many(body: BatchIn, tx: Session, actor: Registrar, vault: Vault) -> BatchOut:
    """Register up to 200 beneficiaries; a repeated key answers the record it became at first."""
    read = Read(BatchItemIn, body.items)
    commands: dict[int, Item] = {}
    for place, item in read.items.items():
        try:
            commands[place] = Item(item.key, item.to_command(tx.now))
        except Problem as problem:
            read.faults[place] = Fault.of(problem)
    results = await register_batch(list(commands.values()), tx=tx, actor=actor, vault=vault)
    return BatchOut(
        items=[
            BatchItemOut.of(commands[place].key, results[commands[place].key])
            if place in commands
            else BatchItemOut(
                key=read.key_of(place), status=ItemStatus.INVALID, errors=read.faults[place]
            )
            for place in range(len(body.items))
        ]
    )
