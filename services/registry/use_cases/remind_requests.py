"""Remind the data protection officers of requests that soon fall due."""

from typing import Final

from services.registry.domain.birth import local_day
from services.registry.domain.requests import REMIND_BEFORE
from services.registry.storage import known_workers, requests
from shared.contracts.registry import RequestReminded
from shared.database import Tx
from shared.messaging import event_log
from shared.messaging.event_log import Fact

BATCH: Final = 200


async def remind_requests(*, tx: Tx) -> int:
    """Tell of one batch of open requests a day before they are due, each once; how many."""
    due = await requests.remind(tx, REMIND_BEFORE, BATCH)
    if not due:
        return 0
    answering = await known_workers.officers(tx, {one["area"] for one in due}, local_day(tx.now))
    await event_log.append(
        tx,
        [
            Fact(
                one["id"],
                1,
                RequestReminded(
                    request_id=one["id"],
                    area=one["area"],
                    due_at=one["due_at"],
                    told=answering[one["area"]],
                ),
            )
            for one in due
        ],
    )
    return len(due)
