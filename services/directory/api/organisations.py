"""Organisations."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.directory.api.dependencies import After, Limit
from services.directory.api.schemas import OrganisationOut, OrganisationPage
from services.directory.storage import queries
from shared.auth import Actor
from shared.http import Session, requires
from shared.policy import Action
from shared.reference.areas import require_known

router = APIRouter(prefix="/organisations", tags=["organisations"])


@router.get("")
async def list_organisations(
    *,
    tx: Session,
    area: Annotated[str | None, Query(max_length=13)] = None,
    after: After = None,
    limit: Limit = 50,
    actor: Annotated[Actor, requires(Action.ORGANISATION_READ)],
) -> OrganisationPage:
    """Organisations in scope."""
    found = await queries.organisations_in_scope(
        tx, actor, area=area and require_known(area), after=after, limit=limit + 1
    )
    page = found[:limit]
    return OrganisationPage(
        items=[
            OrganisationOut(id=body.id, name=body.name, pillar=body.pillar, area=body.area)
            for body in page
        ],
        next=page[-1].id if len(found) > limit else None,
    )
