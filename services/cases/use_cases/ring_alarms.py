"""Ring the alarms that are due: remind, escalate, resume, and send elsewhere what nobody takes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.cases.domain.following import following
from services.cases.domain.referral import Referral
from services.cases.domain.routing import next_in_chain
from services.cases.domain.steps import By
from services.cases.domain.superiors import above
from services.cases.storage import alarms, known, planned_legs, referrals
from services.cases.use_cases.plan_referral import need_of
from services.cases.use_cases.refresh_pools import refresh_pools
from shared.contracts.codes import Confidentiality
from shared.database import Tx, is_loss
from shared.ids import new_id
from shared.logging import get_logger
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
        tx, [one for leg in due for one in (leg.holder_id, leg.sender_id) if one]
    )
    given_up = [one for one in due if one.ring(tx.now, above(one, superiors), stand_ins)]
    new = [await _elsewhere(referral, tx=tx) for referral in given_up]
    await referrals.save(tx, *due)
    for referral in new:
        if referral is not None:
            await referrals.add(tx, referral)
            assert referral.rerouted_from is not None
            await planned_legs.wait_for(tx, referral.rerouted_from, instead=referral.id)


async def _elsewhere(referral: Referral, *, tx: Tx) -> Referral | None:
    """The referral that takes the place of one that nobody took; None when nobody is left."""
    if referral.pillar == DINSOS or referral.service_id is not None:
        return None
    around = await known.surroundings(tx, referral.beneficiary_id, referral.place, None)
    tried = {referral.worker_id, *referral.pool}
    leg = next_in_chain(
        referral.pillar,
        need_of(referral, area=referral.place),
        [one for one in around.duties if one.worker_id not in tried],
        named_only=referral.confidentiality is Confidentiality.C3,
    )
    if leg is None:
        return None
    new = following(referral, new_id(), leg, role=referral.role)
    new.rerouted_from = referral.id
    by = By.clock(tx.now)
    referral.reroute(by, new.id)
    new.send(by)
    return new
