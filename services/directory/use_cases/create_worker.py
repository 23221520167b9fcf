"""Take a new worker in."""

from dataclasses import dataclass
from datetime import date

from services.directory.domain.duty import HeldDuty, day_of, require_sound
from services.directory.domain.errors import PeriodPast
from services.directory.domain.passwords import Passwords, require_strong
from services.directory.domain.worker import Worker
from services.directory.storage import accounts, workers
from services.directory.storage.accounts import Account
from services.directory.use_cases.require_organisation import require_organisation
from services.directory.use_cases.worker_scope import require_may_give
from shared.audit import record
from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id
from shared.policy import Action


@dataclass(frozen=True, slots=True)
class CreateWorker:
    """A person, how that person signs in at first, and their first duties."""

    name: str
    username: str
    password: str
    duties: list[HeldDuty]


async def create_worker(
    command: CreateWorker, *, tx: Tx, actor: Actor, passwords: Passwords
) -> Worker:
    """Create worker, account and duties together, if the caller may give every one of them.

    Raises `UsernameTaken`, `WeakPassword`, `Forbidden` or what is wrong with a duty.
    """
    worker_id, today = new_id(), day_of(tx.now)
    require_strong(command.password, command.username, "/password")
    for place, duty in enumerate(command.duties):
        await _require_fit(duty, f"/duties/{place}", today, tx=tx)
        require_may_give(actor, worker_id, duty)
    worker = Worker.join(worker_id, command.name, command.duties, today)
    await workers.save(tx, worker)
    password_hash = await passwords.hash(command.password)
    await accounts.add(tx, Account(worker_id, command.username, password_hash))
    await record(tx, actor, Action.WORKER_MANAGE, [worker_id], "created")
    return worker


async def _require_fit(duty: HeldDuty, pointer: str, today: date, *, tx: Tx) -> None:
    require_sound(duty, pointer)
    if duty.has_ended(today):
        raise PeriodPast("Masa tugas sudah lewat.", f"{pointer}/to")
    await require_organisation(duty.organisation_id, f"{pointer}/organisation_id", tx=tx)
