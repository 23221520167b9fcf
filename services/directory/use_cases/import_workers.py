"""Take over many workers at once from a list with ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.directory.domain.duty import HeldDuty, day_of, require_sound
from services.directory.domain.worker import Worker
from services.directory.storage import accounts, workers
from services.directory.storage.accounts import Account
from services.directory.storage.scope import everywhere
from shared.database import Tx


@dataclass(frozen=True, slots=True)
class ImportedWorker:
    """A worker with account and duties; the password comes hashed (`Passwords.hash`)."""

    id: UUID
    name: str
    username: str
    password_hash: str
    duties: list[HeldDuty]


async def import_workers(imported: Iterable[ImportedWorker], *, tx: Tx) -> int:
    """Add or change workers by id and return how many changed; a repeat changes nothing.

    An account that exists keeps its username and password. Duties missing from the list stay.
    """
    today = day_of(tx.now)
    changed = 0
    async with everywhere(tx):
        for entry in imported:
            for duty in entry.duties:
                require_sound(duty)
            worker = await workers.find_anywhere(tx, entry.id)
            if worker is None:
                worker = Worker.join(entry.id, entry.name, entry.duties, today)
                await workers.save(tx, worker)
                await accounts.add(tx, Account(entry.id, entry.username, entry.password_hash))
                changed += 1
                continue
            worker.amend(entry.name, entry.duties, today)
            if worker.fact is not None:
                await workers.save(tx, worker)
                changed += 1
    return changed
