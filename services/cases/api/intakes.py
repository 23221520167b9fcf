"""Families taken in by batch at the sites of a disaster."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field

from services.cases.api.answers import CaseRef
from services.cases.api.bodies import AreaCode, Code, Text
from services.cases.api.disasters import HeadCountIn
from services.cases.api.parts import Parts, parts
from services.cases.domain.intake import Intake
from services.cases.storage import known
from services.cases.use_cases import take_in_families
from services.cases.use_cases.take_in_families import IntakeResult, IntakeStatus
from shared.auth import Actor
from shared.batches import BatchIn, Fault, KeyedIn, Read
from shared.contracts.codes import Urgency
from shared.database import Database
from shared.errors import Unavailable
from shared.http import requires
from shared.policy import Action

router = APIRouter(prefix="/disasters", tags=["disasters"])

Own = Annotated[Parts, Depends(parts)]


class IntakeIn(KeyedIn):
    """One family taken in at a site."""

    site_id: UUID
    beneficiary_id: UUID
    area: AreaCode | None = None
    need: Text
    urgency: Urgency | None = None
    urgency_reason: Text | None = None
    legs: Annotated[tuple[Code, ...], Field(max_length=8)] | None = None
    head_count: HeadCountIn | None = None
    occurred_at: AwareDatetime | None = None

    def intake(self) -> Intake:
        """The item behind the request."""
        return Intake(
            key=self.key,
            site_id=self.site_id,
            beneficiary_id=self.beneficiary_id,
            area=self.area,
            need=self.need,
            urgency=self.urgency,
            urgency_reason=self.urgency_reason,
            legs=self.legs,
            head_count=self.head_count.heads() if self.head_count else None,
            occurred_at=self.occurred_at,
        )


class IntakeOut(BaseModel):
    """What became of one item."""

    key: UUID | None
    """None when the key itself could not be read."""
    status: IntakeStatus
    case: CaseRef | None = None
    referrals: tuple[UUID, ...] = ()
    errors: list[Fault] = []
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, key: UUID, result: IntakeResult) -> Self:
        """The result of an item that could be read."""
        case = result.case
        return cls(
            key=key,
            status=result.status,
            case=CaseRef(id=case.id, number=case.number) if case else None,
            referrals=result.referrals,
            errors=Fault.of(result.problem) if result.problem else [],
            warnings=result.warnings,
        )


class IntakesOut(BaseModel):
    """One result per item, in the order of the items."""

    items: list[IntakeOut]


@router.post("/{disaster_id}/intakes")
async def take_in(
    disaster_id: UUID,
    body: BatchIn,
    request: Request,
    own: Own,
    actor: Actor = requires(Action.DISASTER_INTAKE),
) -> IntakesOut:
    """Take in up to 200 families; a repeated key answers the case it opened at first."""
    database: Database = request.app.state.database
    read_items = Read(IntakeIn, body.items)
    items = {place: one.intake() for place, one in read_items.items.items()}
    unsure = await _unsure([one.beneficiary_id for one in items.values()], database, own)
    sure = [one for one in items.values() if one.beneficiary_id not in unsure]
    async with database.transaction(actor.row_scope()) as tx:
        results = await take_in_families(
            disaster_id, sure, tx=tx, actor=actor, rules=own.rules, numbers=own.numbers
        )
    waits = IntakeResult(IntakeStatus.TRY_AGAIN)
    return IntakesOut(
        items=[
            IntakeOut.of(items[place].key, results.get(items[place].key, waits))
            if place in items
            else IntakeOut(
                key=read_items.key_of(place),
                status=IntakeStatus.INVALID,
                errors=read_items.faults[place],
            )
            for place in range(len(body.items))
        ]
    )


async def _unsure(ids: list[UUID], database: Database, own: Parts) -> set[UUID]:
    """Learn from registry of families whose event is still on its way; those it was silent on."""
    async with database.transaction() as tx:
        missing = set(ids) - (await known.beneficiaries(tx, ids)).keys()
    if not missing:
        return set()
    try:
        found = await own.neighbours.beneficiaries(sorted(missing))
    except Unavailable:
        return missing
    for one in found:
        # Each by itself, for the worker learns of the same ones in an order of its own: one that
        # holds many and waits for another would be waited for. What is lost its event says again.
        async with database.transaction(durable=False) as tx:
            await known.remember_beneficiary(
                tx,
                beneficiary_id=one.id,
                version=one.version,
                area=one.area,
                confidentiality=one.confidentiality,
                merged_into=one.merged_into,
            )
    return set()
