"""Move referrals to other workers, one by one: what cannot be moved never holds up the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from services.cases.domain.errors import NobodyToReceive, UnknownReceiver
from services.cases.domain.legs import Candidate
from services.cases.domain.ranking import ranked
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Verb
from services.cases.domain.steps import By
from services.cases.storage import known, referrals
from services.cases.use_cases.access import duty_for, may_read, relations_of
from shared.auth import Actor
from shared.contracts.codes import ReferralStatus
from shared.database import Tx
from shared.errors import NotFound, Problem, VersionConflict

AT_ONCE: Final = 500
"""How many referrals one request moves at most."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where to: one worker for all, or for each the first of its ranking; and why.

    With `preview` nothing is changed.
    """

    to_worker: UUID | None
    reason: str | None
    preview: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """What became, or would become, of one referral."""

    referral_id: UUID
    referral: Referral | None
    """As it stands after the move; None for one out of scope."""
    from_worker: UUID | None
    to_worker: UUID | None
    candidates: Sequence[Candidate]
    problem: Problem | None


async def move_legs(ids: Sequence[UUID], move: Move, *, tx: Tx, actor: Actor) -> list[Moved]:
    """Give each referral to a worker of its pillar whose duty holds its area.

    Clocks stay as they are, but that giving answers a referral nobody had accepted. A result per
    referral; whatever is refused, and what somebody is at work on, leaves the others alone.
    """
    load_all = referrals.many if move.preview else referrals.many_for_update
    loaded = {one.id: one for one in await load_all(tx, ids)}
    busy = {one.id for one in await referrals.many(tx, [id_ for id_ in ids if id_ not in loaded])}
    rankings = await _Rankings.of(loaded.values(), tx=tx)
    results = []
    for referral_id in dict.fromkeys(ids):
        referral = loaded.get(referral_id)
        if referral is None or not await may_read(tx, actor, referral):
            problem = VersionConflict() if referral_id in busy else NotFound()
            results.append(Moved(referral_id, None, None, None, (), problem))
        else:
            results.append(await _moved(referral, move, rankings, tx=tx, actor=actor))
    return results


async def _moved(
    referral: Referral, move: Move, rankings: "_Rankings", *, tx: Tx, actor: Actor
) -> Moved:
    before = referral.holder_id or referral.worker_id
    candidates: Sequence[Candidate] = ()
    try:
        by = _by(actor, referral, tx)
        put_off = referral.status is ReferralStatus.ON_HOLD
        referral.require_allowed(Verb.HAND_OVER if put_off else Verb.ASSIGN, by)
        candidates = rankings.for_(referral, without=before)
        chosen = _chosen(candidates, move.to_worker)
        give = referral.hand_over if put_off else referral.assign
        give(by, chosen, note=move.reason)
        if not move.preview:
            async with tx.savepoint():
                await referrals.save(tx, referral)
    except Problem as problem:
        return Moved(referral.id, referral, before, None, candidates, problem)
    rankings.laden(chosen)
    return Moved(referral.id, referral, before, chosen, candidates, None)


def _by(actor: Actor, referral: Referral, tx: Tx) -> By:
    duty = duty_for(actor, None, area=referral.area, pillar=referral.pillar)
    return By(actor.id, duty.pillar, duty.area, relations_of(actor, referral), tx.now)


def _chosen(candidates: Sequence[Candidate], wanted: UUID | None) -> UUID:
    """The wanted worker, or the first who is there; raises when neither can receive it."""
    if wanted is not None:
        if all(one.worker_id != wanted for one in candidates):
            raise UnknownReceiver(pointer="/to_worker")
        return wanted
    if not candidates or candidates[0].absent:
        raise NobodyToReceive
    return candidates[0].worker_id


class _Rankings:
    """Who could take each of some referrals; what is given out on the way counts as load."""

    def __init__(self, duties: Sequence[Candidate], load: dict[UUID, int]) -> None:
        self._duties = duties
        self._load = load

    @classmethod
    async def of(cls, legs: Iterable[Referral], *, tx: Tx) -> "_Rankings":
        """Read once for all of them."""
        places = [(one.pillar, one.area) for one in legs]
        duties = await known.receivers(
            tx, [pillar for pillar, _ in places], [area for _, area in places]
        )
        return cls(duties, await known.open_load(tx, [one.worker_id for one in duties]))

    def for_(self, referral: Referral, *, without: UUID | None) -> list[Candidate]:
        """The candidates for one referral, best first."""
        fitting = [
            replace(one, open_load=self._load.get(one.worker_id, 0))
            for one in self._duties
            if one.pillar == referral.pillar
            and one.worker_id != without
            and referral.organisation_id in (None, one.organisation_id)
        ]
        return ranked(fitting, referral.pillar, referral.area)

    def laden(self, worker_id: UUID) -> None:
        """The worker has one more in hand."""
        self._load[worker_id] = self._load.get(worker_id, 0) + 1
