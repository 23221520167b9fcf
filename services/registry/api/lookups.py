"""Finding records by what a caller holds already: their ids, a name, or a NIK."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from services.registry.api.answers import (
    CandidateListOut,
    CandidateOut,
    NameListOut,
    NameOut,
    SummaryListOut,
    SummaryOut,
)
from services.registry.api.bodies import LookalikesIn, LookupIn, NikIn, SearchIn
from services.registry.api.dependencies import NikSearcher, Reader, Registrar, Vault
from services.registry.storage.marks import probe_of
from services.registry.use_cases.find_lookalikes import find_lookalikes
from services.registry.use_cases.list_beneficiaries import list_beneficiaries
from services.registry.use_cases.look_up_names import look_up_names
from services.registry.use_cases.search_nik import asked_for, search_nik
from shared.database import Database
from shared.errors import NotFound
from shared.http import Session
from shared.problems import problem_response

router = APIRouter(prefix="/beneficiaries", tags=["beneficiaries"])


@router.post("/lookup")
async def look_up(body: LookupIn, tx: Session, actor: Reader) -> NameListOut:
    """Display names of those of the ids that are in scope; the others are left out.

    A record that was merged is answered under its own id with the name of the one that remains.
    """
    found = await look_up_names(body.ids, tx=tx, actor=actor)
    return NameListOut(items=[NameOut.of(asked, summary) for asked, summary in found.items()])


@router.post("/search")
async def search(body: SearchIn, tx: Session, actor: Reader) -> SummaryListOut:
    """Beneficiaries in scope like `GET /beneficiaries`, with no name in an address."""
    return SummaryListOut.of(await list_beneficiaries(body.to_search(), tx=tx, actor=actor))


@router.post("/lookalikes")
async def find_alike(
    body: LookalikesIn, tx: Session, actor: Registrar, vault: Vault
) -> CandidateListOut:
    """Who looks like somebody about to be registered; asked while the form is filled in."""
    said = body.to_particulars(tx.now)
    probe = probe_of(vault, body.kind, said, has_nik=body.has_nik or body.nik is not None)
    found = await find_lookalikes(
        probe, numbered=body.to_numbered(), tx=tx, actor=actor, vault=vault
    )
    return CandidateListOut(
        items=[CandidateOut.model_validate(one.as_candidate()) for one in found]
    )


@router.post("/search-nik", response_model=SummaryOut)
async def find_by_nik(
    body: NikIn,
    request: Request,
    actor: NikSearcher,
    vault: Vault,
    accept_language: Annotated[str, Header(max_length=200)] = "id",
) -> SummaryOut | Response:
    """The record with this NIK; every search is counted and audited, the vain ones too."""
    database: Database = request.app.state.database
    asked = asked_for(body.nik, actor=actor, vault=vault)
    async with database.transaction(actor.row_scope(), openings=asked) as tx:
        found = await search_nik(tx=tx, actor=actor)
    if found is None:
        # Not raised within: an error would roll the count back with the transaction.
        return problem_response(NotFound(), accept_language)
    return SummaryOut.of(found)
