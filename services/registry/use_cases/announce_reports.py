"""Tell those who work there that another system told of somebody."""

from typing import Final
from uuid import UUID

from services.registry.domain.birth import local_day
from services.registry.storage import known_workers, reports
from shared.auth import Actor, Duty
from shared.contracts.codes import Confidentiality
from shared.contracts.registry import ReportReceived
from shared.database import Tx
from shared.messaging import event_log
from shared.messaging.event_log import Fact
from shared.policy import Action, Resource, decide

BATCH: Final = 200


async def announce_reports(*, tx: Tx) -> int:
    """Tell of one batch of new reports, each once, to those nearest to the place; how many."""
    new = await reports.announce(tx, BATCH)
    if not new:
        return 0
    around = await known_workers.around(tx, {one["area"] for one in new}, local_day(tx.now))
    facts = []
    for one in new:
        area, confidentiality = one["area"], Confidentiality(one["confidentiality"])
        state = ReportReceived(
            report_id=one["id"],
            area=area,
            confidentiality=confidentiality,
            told=known_workers.nearest(
                [
                    (worker, duty)
                    for worker, duty in around[area]
                    if _may_handle(worker, duty, area, confidentiality)
                ]
            ),
        )
        facts.append(Fact(one["id"], 1, state))
    await event_log.append(tx, facts)
    return len(new)


def _may_handle(worker: UUID, duty: Duty, area: str, confidentiality: Confidentiality) -> bool:
    return decide(
        Actor(worker, "worker", duties=(duty,)),
        Action.REPORT_HANDLE,
        Resource(area=area, confidentiality=confidentiality),
    )
