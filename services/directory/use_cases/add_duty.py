"""Give a worker one duty more."""

from uuid import UUID

from services.directory.domain.duty import HeldDuty, day_of, require_sound
from services.directory.domain.worker import Worker
from services.directory.storage import workers
from services.directory.use_cases.require_organisation import require_organisation
from services.directory.use_cases.worker_scope import require_may_give, visible_duties
from shared.audit import record
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action


async def add_duty(worker_id: UUID, duty: HeldDuty, *, tx: Tx, actor: Actor) -> Worker:
    """Give the duty, if the caller sees the worker and may give it.

    Raises `NotFound`, `Forbidden` or what is wrong with the duty.
    """
    worker = await workers.get(tx, worker_id)
    visible_duties(actor, worker)
    require_sound(duty)
    await require_organisation(duty.organisation_id, "/organisation_id", tx=tx)
    require_may_give(actor, worker_id, duty)
    worker.take_duty(duty, day_of(tx.now))
    await workers.save(tx, worker)
    await record(tx, actor, Action.WORKER_MANAGE, [worker_id], "duty-added")
    return worker
