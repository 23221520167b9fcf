"""Announce that a worker will be absent."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.directory.domain.duty import day_of
from services.directory.domain.errors import UnfitStandIn
from services.directory.domain.worker import Absence, Worker
from services.directory.storage import workers
from services.directory.use_cases.worker_scope import (
    require_may_announce_absence,
    visible_duties,
)
from shared.audit import record
from shared.auth import Actor
from shared.database import Tx
from shared.ids import new_id
from shared.policy import Action


@dataclass(frozen=True, slots=True)
class AnnounceAbsence:
    """Who is absent from which day to which, both included, and who stands in, if anybody."""

    worker_id: UUID
    starts_on: date
    ends_on: date
    stand_in_id: UUID | None


async def announce_absence(command: AnnounceAbsence, *, tx: Tx, actor: Actor) -> Absence:
    """Announce the absence; the stand-in must be able to do all of the worker's work.

    Raises `NotFound`, `Forbidden`, `AbsenceOverlaps`, `UnfitStandIn` or what is wrong with the
    period.
    """
    worker = await workers.get(tx, command.worker_id)
    visible_duties(actor, worker)
    require_may_announce_absence(actor, worker)
    stand_in = await _stand_in(command.stand_in_id, tx=tx)
    absence = Absence(new_id(), command.starts_on, command.ends_on, command.stand_in_id)
    worker.announce_absence(absence, stand_in, day_of(tx.now))
    await workers.save(tx, worker)
    await record(tx, actor, Action.ABSENCE_ANNOUNCE, [worker.id])
    return absence


async def _stand_in(worker_id: UUID | None, *, tx: Tx) -> Worker | None:
    if worker_id is None:
        return None
    stand_in = await workers.find_anywhere(tx, worker_id)
    if stand_in is None:
        raise UnfitStandIn(UnfitStandIn.title + ".", "/stand_in_id")
    return stand_in
