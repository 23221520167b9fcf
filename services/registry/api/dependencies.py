"""What the routes of registry are given."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from services.registry.domain.errors import PossibleDuplicate
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.note_refused_duplicate import note_refused_duplicate
from shared.auth import Actor
from shared.database import Database
from shared.http import current_actor, requires
from shared.policy import Action


async def _vault(request: Request) -> NikVault:
    vault: NikVault = request.app.state.nik_vault
    return vault


Vault = Annotated[NikVault, Depends(_vault)]

Registrar = Annotated[Actor, requires(Action.BENEFICIARY_REGISTER)]
Reader = Annotated[Actor, requires(Action.BENEFICIARY_READ)]
Changer = Annotated[Actor, requires(Action.BENEFICIARY_CHANGE)]
Merger = Annotated[Actor, requires(Action.BENEFICIARY_MERGE)]
NikSearcher = Annotated[Actor, requires(Action.BENEFICIARY_SEARCH_NIK)]
Importer = Annotated[Actor, requires(Action.BENEFICIARY_IMPORT)]
Exporter = Annotated[Actor, requires(Action.BENEFICIARY_EXPORT)]
Sharer = Annotated[Actor, requires(Action.BENEFICIARY_SHARE)]
MapReader = Annotated[Actor, requires(Action.VULNERABILITY_READ)]
ProtectionRecorder = Annotated[Actor, requires(Action.PROTECTION_RECORD)]
ProtectionHandler = Annotated[Actor, requires(Action.PROTECTION_HANDLE)]
Reporter = Annotated[Actor, requires(Action.REPORT_FILE)]
ReportHandler = Annotated[Actor, requires(Action.REPORT_HANDLE)]
Auditor = Annotated[Actor, requires(Action.AUDIT_READ)]


async def refusals_noted(
    request: Request, actor: Annotated[Actor, Depends(current_actor)]
) -> AsyncIterator[None]:
    """Write down which records a `possible-duplicate` answer reveals.

    The refusal rolls the request's own transaction back, so this must surround it: declared on
    the route, it is entered before the session and left after it.
    """
    try:
        yield
    except PossibleDuplicate as refused:
        database: Database = request.app.state.database
        async with database.transaction(actor.row_scope()) as tx:
            await note_refused_duplicate(refused, tx=tx, actor=actor)
        raise
