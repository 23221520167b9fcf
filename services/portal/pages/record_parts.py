"""What stands beside a record on its page: its family, and its categories over time."""

import asyncio
from typing import Any, Final
from uuid import UUID

from services.portal.clients import Clients
from services.portal.clients.families import Member
from services.portal.clients.registry import Beneficiary
from services.portal.rendering import worker_names
from services.portal.sessions import Visitor

_FAMILY: Final = "family"
_PERSON: Final = "person"


async def parts_of(clients: Clients, visitor: Visitor, record: Beneficiary) -> dict[str, Any]:
    """The parts by the names the page's template gives them."""
    members, periods = await asyncio.gather(
        _kin(clients, visitor, record), clients.families.periods(visitor.token, record.id)
    )
    people: set[UUID] = {one for period in periods for one in period.people}
    return {
        "members": members,
        "periods": periods,
        "workers": await worker_names(clients, visitor, people),
    }


async def _kin(clients: Clients, visitor: Visitor, record: Beneficiary) -> list[Member]:
    """The members of a family, or the families of a person."""
    if record.kind == _FAMILY:
        return await clients.families.members(visitor.token, record.id)
    if record.kind == _PERSON:
        return await clients.families.families(visitor.token, record.id)
    return []
