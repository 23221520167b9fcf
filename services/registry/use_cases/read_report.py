"""One report in full."""

from dataclasses import replace
from uuid import UUID

from services.registry.storage import reports
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.reports import Report
from services.registry.storage.standing import known_by_name
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def read_report(report_id: UUID, *, tx: Tx, actor: Actor, vault: NikVault) -> Report:
    """What it says, or what became of it; raises `NotFound` out of scope.

    Which record it led to is told to those alone who may know whose that is.
    """
    report = await reports.get(tx, vault, actor, report_id)
    if report is None:
        raise NotFound
    await audit.record(tx, actor, "report.read", [report_id])
    led_to = [report.beneficiary_id] if report.beneficiary_id else []
    known = await known_by_name(tx, actor, led_to)
    return replace(report, beneficiary_id=next(iter(known), None))
