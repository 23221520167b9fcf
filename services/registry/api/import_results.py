"""What became of the lines of a list: on a page, and as a file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.api.dependencies import Importer
from services.registry.api.import_shapes import LineListOut, LineOut
from services.registry.api.imports import own
from services.registry.domain.list_import import LineStatus
from services.registry.storage import imports
from services.registry.use_cases.list_results import HEAD, list_results
from shared.database import Database
from shared.errors import NotFound
from shared.http import Session
from shared.sheets import Format, long_sheet

router = APIRouter(prefix="/imports", tags=["imports"])


@router.get("/{import_id}/lines")
async def lines(
    import_id: UUID,
    tx: Session,
    _actor: Importer,
    *,
    status: Annotated[list[LineStatus] | None, Query()] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    noted: bool = False,
) -> LineListOut:
    """What became of the lines of a kind, or of all; perhaps of those alone that look odd."""
    if await imports.get(tx, import_id) is None:
        raise NotFound
    found = await imports.lines(
        tx, import_id, statuses=status or list(LineStatus), after=after, limit=limit, noted=noted
    )
    return LineListOut(items=[LineOut.model_validate(one) for one in found])


@router.get("/{import_id}/result", response_class=Response)
async def result(
    import_id: UUID,
    request: Request,
    actor: Importer,
    format: Format = "csv",  # noqa: A002 - the name in the contract
) -> Response:
    """What became of every line, as a file; it holds no name and no NIK."""
    one = await own(import_id, request, actor)
    database: Database = request.app.state.database
    rows = list_results(one, database=database, scope=actor.row_scope())
    return await long_sheet("hasil-impor", format, [HEAD], rows)
