"""What other systems told and nobody has decided about."""

from uuid import UUID

from services.registry.storage import reports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.reports import Report
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def list_reports(
    *, after: UUID | None, limit: int, tx: Tx, actor: Actor, vault: NikVault
) -> list[Report]:
    """One page, the oldest first; that they were listed stands in the trail of each."""
    found = await reports.waiting(tx, vault, actor, after=after, limit=limit)
    await audit.record(tx, actor, "report.listed", [one.id for one in found])
    return found
