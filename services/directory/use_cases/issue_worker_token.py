"""Trade a session for a token the services accept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from joserfc.jwk import OKPKey

from services.directory.domain.duty import HeldDuty, day_of
from services.directory.domain.errors import NoCurrentDuty, SessionEnded
from services.directory.domain.session import token_hash
from services.directory.domain.worker import Worker
from services.directory.storage import sessions, workers
from services.directory.storage.scope import act_as
from services.directory.use_cases.worker_scope import actor_of
from shared.auth import sign
from shared.database import Tx
from shared.migrations import SERVICES

LIFETIME_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class WorkerToken:
    """A token and whom it stands for."""

    access_token: str
    worker: Worker
    today: date
    lent: Sequence[HeldDuty]
    """Duties of absent colleagues the worker stands in for today."""


async def issue_worker_token(session_token: str, *, tx: Tx, key: OKPKey) -> WorkerToken:
    """A token of one minute with the duties in force now, those of absent colleagues among them.

    Raises `SessionEnded` for a session that is over, `NoCurrentDuty` for a worker off duty.
    """
    worker_id = await sessions.use(tx, token_hash(session_token))
    if worker_id is None:
        raise SessionEnded
    await act_as(tx, worker_id)
    worker = await workers.get_own(tx, worker_id)
    today = day_of(tx.now)
    absent = await workers.stood_for(tx, worker_id, today)
    actor = actor_of(worker, today, absent)
    if not actor.duties:
        raise NoCurrentDuty
    token = sign(actor, key=key, audiences=SERVICES, lifetime_seconds=LIFETIME_SECONDS)
    lent = [duty for one in absent for duty in one.lends(worker, today)]
    return WorkerToken(token, worker, today, lent)
