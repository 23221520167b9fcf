"""End a duty of a worker."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.directory.domain.duty import day_of
from services.directory.domain.worker import Worker
from services.directory.storage import sessions, workers
from services.directory.use_cases.worker_scope import require_may_give, visible_duties
from shared.audit import record
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action


@dataclass(frozen=True, slots=True)
class EndDuty:
    """Which duty ends; `ends_on` is its last day, None means at once."""

    worker_id: UUID
    duty_id: UUID
    ends_on: date | None


async def end_duty(command: EndDuty, *, tx: Tx, actor: Actor) -> Worker:
    """End the duty; when it was the last, the worker has left and every session ends.

    Raises `NotFound`, `Forbidden`, `DutyEnded` or `PeriodReversed`.
    """
    worker = await workers.get(tx, command.worker_id)
    if worker.duty(command.duty_id) not in visible_duties(actor, worker):
        raise NotFound
    require_may_give(actor, worker.id, worker.duty(command.duty_id))
    worker.end_duty(command.duty_id, command.ends_on, day_of(tx.now))
    await workers.save(tx, worker)
    if not worker.is_active:
        await sessions.end_all(tx, worker.id)
    await record(tx, actor, Action.WORKER_MANAGE, [worker.id], "duty-ended")
    return worker
