"""What other services of ours may ask; no personal data leaves here."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.registry.api.answers import FactsOut
from services.registry.api.dependencies import Sharer
from services.registry.use_cases.share_facts import share_facts
from shared.batches import MOST_ITEMS
from shared.errors import NotFound
from shared.http import Input, Session

router = APIRouter(prefix="/internal", tags=["internal"])


class IdsIn(Input):
    """The records of a batch."""

    ids: Annotated[list[UUID], Field(max_length=MOST_ITEMS)]


class FactsListOut(BaseModel):
    """Those of the records that exist."""

    items: list[FactsOut]


@router.get("/beneficiaries/{beneficiary_id}")
async def facts(beneficiary_id: UUID, tx: Session, actor: Sharer) -> FactsOut:
    """Kind, place, confidentiality and open categories, for a service that has no event yet."""
    found = await share_facts([beneficiary_id], tx=tx, actor=actor)
    if not found:
        raise NotFound
    return FactsOut.model_validate(found[0])


@router.post("/beneficiaries")
async def facts_of_many(body: IdsIn, tx: Session, actor: Sharer) -> FactsListOut:
    """The same of many records at once."""
    found = await share_facts(body.ids, tx=tx, actor=actor)
    return FactsListOut(items=[FactsOut.model_validate(one) for one in found])
