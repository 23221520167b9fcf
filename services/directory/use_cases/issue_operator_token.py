"""Give the operator of the machine a worker's token."""

from typing import Final

from joserfc.jwk import OKPKey

from services.directory.domain.duty import day_of
from services.directory.domain.errors import NoCurrentDuty
from services.directory.storage import accounts, workers
from services.directory.storage.scope import act_as
from services.directory.use_cases.worker_scope import actor_of
from shared.audit import record
from shared.auth import Actor, sign
from shared.database import Tx
from shared.errors import NotFound
from shared.migrations import SERVICES

_ACTION: Final = "token.operator"
_SECONDS_PER_MINUTE: Final = 60


async def issue_operator_token(username: str, *, tx: Tx, key: OKPKey, minutes: float) -> str:
    """A token for all services with the duties the worker holds now, or stands in for.

    Raises `NotFound` for an unknown username, `NoCurrentDuty` for a worker off duty.
    """
    actor = await worker_for_operator(username, tx=tx)
    lifetime = minutes * _SECONDS_PER_MINUTE
    return sign(actor, key=key, audiences=SERVICES, lifetime_seconds=lifetime)


async def worker_for_operator(username: str, *, tx: Tx) -> Actor:
    """The worker as whom the operator acts; raises as above, and stands in the trail."""
    account = await accounts.find(tx, username.lower())
    if account is None:
        raise NotFound
    await act_as(tx, account.worker_id)
    worker = await workers.get_own(tx, account.worker_id)
    today = day_of(tx.now)
    actor = actor_of(worker, today, await workers.stood_for(tx, worker.id, today))
    if not actor.duties:
        raise NoCurrentDuty
    await record(tx, actor, _ACTION, [worker.id])
    return actor
