"""Take a list of beneficiaries away as a sheet, a page at a time."""

from dataclasses import replace

from services.registry.storage import exports
from services.registry.storage.exports import Detail
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.lists import Search
from services.registry.storage.summaries import Summary
from services.registry.use_cases.list_beneficiaries import list_beneficiaries
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def export_beneficiaries(
    search: Search, *, tx: Tx, actor: Actor, vault: NikVault
) -> tuple[list[tuple[Summary, Detail]], Search | None]:
    """One page of those the caller may take away, and the search that goes on behind it.

    That each was taken away stands in the trail of each, to be committed before it leaves.
    """
    found, last = await list_beneficiaries(search, tx=tx, actor=actor)
    kept = await exports.details(tx, vault, actor, [one.id for one in found])
    await audit.record(tx, actor, "beneficiary.exported", list(kept))
    page = [(one, kept[one.id]) for one in found if one.id in kept]
    return page, replace(search, after=last) if last else None
