"""Take over organisations from a list with ids."""

from collections.abc import Sequence

from services.directory.storage import organisations
from services.directory.storage.organisations import Organisation
from shared.database import Tx
from shared.reference.areas import require_known
from shared.reference.pillars import require_pillar


async def import_organisations(imported: Sequence[Organisation], *, tx: Tx) -> None:
    """Add or change organisations by id; a repeat changes nothing."""
    for organisation in imported:
        require_pillar(organisation.pillar)
        require_known(organisation.area)
    await organisations.put(tx, imported)
