"""Ring the alarms that are due: remind, escalate, resume, and send elsewhere what nobody takes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.cases.domain.following import following
from services.cases.domain.legs import Candidate
from services.cases.domain.ranking import TAGANA
from services.cases.domain.receivers import Duties
from services.cases.domain.referral import Referral
from services.cases.domain.routing import chain_of, next_in_chain
from services.cases.domain.steps import By
from services.cases.domain.superiors import above_each
from services.cases.storage import alarms, known, planned_legs, referrals
from services.cases.use_cases.plan_referral import need_of
from services.cases.use_cases.refresh_pools import refresh_pools
from shared.database import Tx, is_loss
from shared.ids import new_id
from shared.logging import get_logger
from shared.reference.areas import LENGTH_OF, Level
from shared.reference.pillars import DINSOS

BATCH: Final = 500
LATER: Final = timedelta(minutes=5)
"""When the clock comes back to a referral it could not handle."""


async def ring_alarms(*, tx: Tx) -> int:
    """Handle one batch of due referrals, each once whoever else sweeps; how many there were.

    Their rows are locked and their deadlines read by the database's clock, so a restart, a machine
    that stood still or two sweepers change nothing but the time of the ring.
    """
    due = await alarms.due_for_update(tx, limit=BATCH)
    if not due:
        return 0
    try:
        async with tx.savepoint():
            await _ring(due, tx=tx)
    except Exception as error:
        if is_loss(error):
            raise
        # Read anew: what failed half-way has changed in memory.
        for referral in await alarms.due_for_update(tx, limit=BATCH):
            await _ring_alone(referral, tx=tx)
    return len(due)


async def _ring_alone(referral: Referral, *, tx: Tx) -> None:
    """Ring one referral, so that a faulty one holds up no other; it is tried again later."""
    try:
        async with tx.savepoint():
            await _ring([referral], tx=tx)
    except Exception as error:
        if is_loss(error):
            raise
        get_logger().error("alarm_failed", referral=str(referral.id), error=type(error).__name__)
        await alarms.put_off(tx, referral.id, LATER)


async def _ring(due: Sequence[Referral], *, tx: Tx) -> None:
    superiors = await known.superiors(tx, [referral.area for referral in due])
    await refresh_pools([one for one in due if one.waits_for_receivers], tx=tx)
    stand_ins = await known.stand_ins(
        tx, {one for leg in due for one in (leg.holder_id, leg.sender_id) if one}
    )
    told = zip(due, above_each(due, superiors), strict=True)
    given_up = [one for one, above in told if one.ring(tx.now, above, stand_ins)]
    instead = await _elsewhere(given_up, tx=tx)
    await referrals.save(tx, *due)
    if instead:
        await referrals.add_all(tx, list(instead.values()), ())
        await planned_legs.follow(tx, {old: new.id for old, new in instead.items()})


async def _elsewhere(given_up: Sequence[Referral], *, tx: Tx) -> Mapping[UUID, Referral]:
    """The referrals that take the places of these; none where nobody is left to take it."""
    movable = [one for one in given_up if one.pillar != DINSOS and one.service_id is None]
    if not movable:
        return {}
    pillars = [pillar for one in movable for pillar in chain_of(one.pillar)]
    duties = Duties(await known.receivers(tx, pillars, [one.place for one in movable]))
    units = await _other_units([one for one in movable if one.pillar == TAGANA], tx=tx)
    by = By.clock(tx.now)
    moved = ((one.id, _moved(one, duties, units.get(one.id, []), by)) for one in movable)
    return {old: new for old, new in moved if new is not None}


async def _other_units(silent: Sequence[Referral], *, tx: Tx) -> Mapping[UUID, Sequence[Candidate]]:
    """For each leg to Tagana, the people of the province's other units; for a second one nobody.

    The province's own need no turn: whatever waits for a unit of it waits for them as well.
    """
    if not silent:
        return {}
    asked = await alarms.areas_asked(tx, [one.id for one in silent])
    provinces = {one.id: one.place[: LENGTH_OF[Level.PROVINCE]] for one in silent}
    people = {
        province: await known.of_pillar_in(tx, TAGANA, province)
        for province in set(provinces.values())
    }
    return {
        leg: [one for one in people[province] if one.area not in asked[leg]]
        for leg, province in provinces.items()
        if len(asked[leg]) == 1
    }


def _moved(
    referral: Referral, duties: Duties, units: Sequence[Candidate], by: By
) -> Referral | None:
    """The referral that goes on in place of this one, which ends; None when nobody is left."""
    tried = {referral.worker_id, *referral.pool}
    chain = [pillar for pillar in chain_of(referral.pillar) if pillar != TAGANA]
    around = [*units, *duties.around(referral.place, *chain)]
    leg = next_in_chain(
        referral.pillar,
        need_of(referral, area=referral.place),
        [one for one in around if one.worker_id not in tried],
        named_only=referral.named_only,
    )
    if leg is None:
        return None
    new = following(referral, new_id(), leg, role=referral.role)
    new.rerouted_from = referral.id
    referral.reroute(by, new.id)
    new.send(by)
    return new
