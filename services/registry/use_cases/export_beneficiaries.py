"""Take a list of beneficiaries away as a sheet, a page at a time."""

from dataclasses import dataclass, replace

from services.registry.storage import exports
from services.registry.storage.exports import Detail
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.lists import Search
from services.registry.storage.summaries import Summary
from services.registry.use_cases.list_beneficiaries import list_beneficiaries
from shared import audit
from shared.auth import Actor
from shared.database import Tx


@dataclass(frozen=True, slots=True)
class Taken:
    """A page of a sheet, and the search that goes on behind it."""

    people: list[tuple[Summary, Detail]]
    next: Search | None


async def export_beneficiaries(search: Search, *, tx: Tx, actor: Actor, vault: NikVault) -> Taken:
    """One page of those the caller may take away.

    That each was taken away stands in the trail of each, to be committed before it leaves.
    """
    found = await list_beneficiaries(search, tx=tx, actor=actor)
    kept = await exports.details(tx, vault, actor, [one.id for one in found.items])
    await audit.record(tx, actor, "beneficiary.exported", list(kept))
    return Taken(
        people=[(one, kept[one.id]) for one in found.items if one.id in kept],
        next=replace(search, after=found.next) if found.next else None,
    )
