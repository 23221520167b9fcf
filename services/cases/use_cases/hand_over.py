"""Hand a worker's legs over to others: leave, illness, a move to another place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.cases.domain.errors import NotWithWorker, SameWorker
from services.cases.domain.referral import Referral
from services.cases.storage import referrals
from services.cases.use_cases.access import resource_of
from services.cases.use_cases.move_legs import AT_ONCE, Move, Moved, move_legs
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action, decide


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A result per referral, and how many of the worker's legs this request did not touch."""

    items: list[Moved]
    left: int
    """Not chosen, in another coordinator's charge, a special service, or more than fit."""
    as_sender: int
    """What waits for the worker as its sender: returned, or kept for an outside service."""


async def hand_over(
    from_worker: UUID, referral_ids: Sequence[UUID] | None, move: Move, *, tx: Tx, actor: Actor
) -> HandedOver:
    """Move what the worker holds and what waits for that worker by name, or the chosen part of it.

    Raises `SameWorker`. A chosen referral that is not with the worker is refused by itself.
    """
    if move.to_worker == from_worker:
        raise SameWorker(pointer="/to_worker")
    theirs = {one.id: one for one in await referrals.with_worker(tx, from_worker)}
    wanted = list(dict.fromkeys(referral_ids)) if referral_ids else _in_charge(theirs, actor)
    found = {
        one.referral_id: one
        for one in await move_legs(
            [one for one in wanted if one in theirs], move, tx=tx, actor=actor
        )
    }
    items = [found.get(one) or await _strange(one, move, tx=tx, actor=actor) for one in wanted]
    as_sender = await referrals.waiting_for_sender(tx, from_worker)
    return HandedOver(items, len(theirs.keys() - set(wanted)), as_sender)


def _in_charge(theirs: dict[UUID, Referral], actor: Actor) -> list[UUID]:
    mine = [
        one.id for one in theirs.values() if decide(actor, Action.WORK_ASSIGN, resource_of(one))
    ]
    return mine[:AT_ONCE]


async def _strange(referral_id: UUID, move: Move, *, tx: Tx, actor: Actor) -> Moved:
    """The refusal of a referral that is not with the worker, if the caller may see it at all."""
    (seen,) = await move_legs([referral_id], replace(move, preview=True), tx=tx, actor=actor)
    problem = seen.problem if seen.referral is None else NotWithWorker(pointer="/referral_ids")
    return Moved(referral_id, None, None, None, (), problem)
