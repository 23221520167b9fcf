"""What a caller may see and do of one worker: the policy table applied duty by duty."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.directory.domain.duty import GRANTABLE, HeldDuty
from services.directory.domain.worker import Worker
from shared.auth import Actor, Duty
from shared.errors import Forbidden, NotFound
from shared.policy import Action, Resource, decide


def visible_duties(actor: Actor, worker: Worker) -> list[HeldDuty]:
    """The duties of the worker that lie in the caller's scope; raises `NotFound` if none does."""
    seen = [
        duty
        for duty in worker.duties
        if decide(actor, Action.WORKER_READ, _resource(worker.id, duty))
    ]
    if not seen:
        raise NotFound
    return seen


def require_may_give(actor: Actor, worker_id: UUID, duty: HeldDuty) -> None:
    """Raise `Forbidden` unless one duty of the caller both manages this one and gives its role."""
    resource = _resource(worker_id, duty)
    for own in actor.duties:
        acting = replace(actor, duties=(own,))
        if duty.role in GRANTABLE[own.role] and decide(acting, Action.WORKER_MANAGE, resource):
            return
    raise Forbidden


def require_may_announce_absence(actor: Actor, worker: Worker) -> None:
    """Raise `Forbidden` unless the caller is this worker, or coordinates one of the duties."""
    if not any(
        decide(actor, Action.ABSENCE_ANNOUNCE, _resource(worker.id, duty)) for duty in worker.duties
    ):
        raise Forbidden


def actor_of(worker: Worker, today: date, absent: Sequence[Worker] = ()) -> Actor:
    """The worker as a token names them: no name, and only duties in force.

    Those of the absent colleagues they stand in for are among them, and whom these colleagues
    stand in for is not. Who holds no duty of their own stands in for nobody.
    """
    own = worker.current_duties(today)
    lent = [duty for colleague in absent for duty in colleague.lends(worker, today)] if own else []
    duties = [Duty(one.pillar, one.area, one.role, one.organisation_id) for one in (*own, *lent)]
    return Actor(
        id=worker.id,
        kind="worker",
        duties=tuple(dict.fromkeys(duties)),
        stands_for=tuple(colleague.id for colleague in absent) if own else (),
    )


def _resource(worker_id: UUID, duty: HeldDuty) -> Resource:
    return Resource(
        area=duty.area,
        pillar=duty.pillar,
        organisation_id=duty.organisation_id,
        owners=(worker_id,),
    )
