"""Take in what another system tells of somebody in need."""

from services.registry.storage import reports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.reports import Filed, NewReport
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.reference.areas import require_known


async def file_report(new: NewReport, *, tx: Tx, actor: Actor, vault: NikVault) -> Filed:
    """The report; one that its source sends again is the first, and how far that is.

    Nobody is recorded by it: who it is, and whether somebody who looks alike is the same, is for a
    worker to say. Raises `RuleViolated` for an unknown area.
    """
    require_known(new.area)
    filed = await reports.add(tx, vault, actor, new)
    if filed.id == new.id:
        await audit.record(tx, actor, "report.filed", [new.id])
    return filed
