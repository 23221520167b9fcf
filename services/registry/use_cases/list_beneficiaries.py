"""Find beneficiaries by name, area or category."""

from dataclasses import replace

from services.registry.domain.name import key_of
from services.registry.storage import lists
from services.registry.storage.lists import Page, Search
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import RuleViolated
from shared.reference.areas import require_known
from shared.reference.categories import require_category


async def list_beneficiaries(search: Search, *, tx: Tx, actor: Actor) -> Page:
    """One page of those the caller may read, each with the read in its trail."""
    if search.name is not None and not key_of(search.name):
        raise RuleViolated("Ketik huruf dari nama yang dicari.", "/name")
    if search.area is not None:
        require_known(search.area)
    if search.category is not None:
        require_category(search.category)
    found = await lists.search(tx, actor, replace(search, limit=search.limit + 1))
    items = found.items[: search.limit]
    await audit.record(tx, actor, "beneficiary.listed", [summary.id for summary in items])
    return replace(found, items=items, next=items[-1].id if len(found.items) > len(items) else None)
