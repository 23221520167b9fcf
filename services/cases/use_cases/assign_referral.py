"""Assign a referral to one worker."""

from dataclasses import replace
from uuid import UUID

from services.cases.domain.errors import UnknownReceiver
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Relation, Verb
from services.cases.storage import known, referrals
from services.cases.use_cases.access import Act, may_give_away, taken_up
from shared.auth import Actor
from shared.database import Tx


async def assign_referral(
    act: Act, *, worker_id: UUID, note: str | None, put_off: bool = False, tx: Tx, actor: Actor
) -> Referral:
    """Give it to a worker of its pillar whose area holds it, whoever held it before.

    With `put_off` it is one that waits for its stated time, and goes on doing so.
    Raises `UnknownReceiver` when that worker is unknown, gone or has no fitting duty.
    """
    referral, by = await taken_up(tx, actor, act)
    if await may_give_away(tx, actor, referral):
        by = replace(by, relations=by.relations | {Relation.COORDINATOR})
    referral.require_allowed(Verb.HAND_OVER if put_off else Verb.ASSIGN, by)
    if not await known.can_receive(tx, worker_id, referral.pillar, referral.area):
        raise UnknownReceiver(pointer="/worker_id")
    give = referral.hand_over if put_off else referral.assign
    give(by, worker_id, note=note)
    await referrals.save(tx, referral)
    return referral
