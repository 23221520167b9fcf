"""What other services of ours may ask; no personal data leaves here."""

from uuid import UUID

from fastapi import APIRouter

from services.registry.api.answers import FactsOut
from services.registry.api.dependencies import Sharer
from services.registry.use_cases.share_facts import share_facts
from shared.http import Session

router = APIRouter(prefix="/internal", tags=["internal"])


@router.get("/beneficiaries/{beneficiary_id}")
async def facts(beneficiary_id: UUID, tx: Session, actor: Sharer) -> FactsOut:
    """Kind, place, confidentiality and open categories, for a service that has no event yet."""
    return FactsOut.model_validate(await share_facts(beneficiary_id, tx=tx, actor=actor))
