"""Tell those who work there that another system told of somebody."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.registry.domain.birth import local_day
from services.registry.storage import known_workers, reports
from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality
from shared.contracts.registry import ReportReceived
from shared.database import Tx
from shared.logging import get_logger
from shared.messaging import event_log
from shared.messaging.event_log import Fact
from shared.policy import Action, Resource, decide

BATCH: Final = 200
PATIENCE: Final = timedelta(minutes=1)


async def announce_reports(*, tx: Tx) -> int:
    """Tell of one batch of new reports, each once, to those nearest to the place; how many.

    One near to which nobody is known to work waits for a minute for directory to say who does;
    then it stands on the page of whoever looks, and the log says that nobody was told.
    """
    new = await reports.unannounced(tx, BATCH)
    if not new:
        return 0
    around = await known_workers.around(tx, {one["area"] for one in new}, local_day(tx.now))
    facts = []
    for one in new:
        told = _nearest(around[one["area"]], one["area"], Confidentiality(one["confidentiality"]))
        if not told and tx.now - one["received_at"] < PATIENCE:
            continue
        if not told:
            get_logger().warning("report_told_nobody", area=one["area"])
        state = ReportReceived(report_id=one["id"], area=one["area"], told=told)
        facts.append(Fact(one["id"], 1, state))
    await event_log.append(tx, facts)
    await reports.mark_announced(tx, [fact.subject for fact in facts])
    return len(facts)


def _nearest(
    around: Sequence[tuple[UUID, Duty]], area: str, confidentiality: Confidentiality
) -> list[UUID]:
    return known_workers.nearest(
        [(one, duty) for one, duty in around if _may_handle(one, duty, area, confidentiality)]
    )


def _may_handle(worker: UUID, duty: Duty, area: str, confidentiality: Confidentiality) -> bool:
    return decide(
        Actor(worker, "worker", duties=(duty,)),
        Action.REPORT_HANDLE,
        Resource(area=area, confidentiality=confidentiality),
    )
