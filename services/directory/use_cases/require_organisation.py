"""Check that a duty names an organisation we know."""

from uuid import UUID

from services.directory.domain.errors import UnknownOrganisation
from services.directory.storage import organisations
from shared.database import Tx


async def require_organisation(organisation_id: UUID | None, pointer: str, *, tx: Tx) -> None:
    """Raise `UnknownOrganisation` for an id nobody has; a duty may name none."""
    if organisation_id is not None and not await organisations.is_known(tx, organisation_id):
        raise UnknownOrganisation("Tidak ada organisasi dengan id ini.", pointer)
