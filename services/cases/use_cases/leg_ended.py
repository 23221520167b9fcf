"""What follows when a referral has ended: the legs that waited for it, and perhaps its case."""

from collections.abc import Mapping
from typing import Final

from services.cases.domain.case import Case
from services.cases.domain.following import following
from services.cases.domain.legs import LegRole
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Relation
from services.cases.domain.steps import By
from services.cases.storage import case_files, planned_legs, referrals
from services.cases.use_cases.plan_referral import need_of, supporting_leg
from shared.contracts.codes import Outcome
from shared.database import Tx
from shared.ids import new_id

LEADS_ON: Final[Mapping[Outcome, bool]] = {
    Outcome.NEED_MET: True,
    Outcome.PARTLY_MET: True,
    Outcome.NO_SHOW: False,
    Outcome.REFUSED: False,
    Outcome.MOVED: False,
    Outcome.DIED: False,
    Outcome.REUNITED: True,
    Outcome.REFERRED_OUT: True,
    Outcome.DUPLICATE: False,
    Outcome.NOT_FOUND: False,
    Outcome.NOT_ELIGIBLE: True,
}
"""Whether a leg that waited for this one is sent after such an outcome, or dropped."""


async def leg_ended(referral: Referral, outcome: Outcome | None, *, tx: Tx) -> Case | None:
    """The referral's case, locked and changed as the end of this leg asks; to be saved with it.

    Legs that waited are sent when the outcome leads on and dropped otherwise. The case closes with
    the outcome when no other leg is open; a leg that was called off closes no case, for its need
    may stand.
    """
    # The case's lock makes two last legs that end together take turns.
    case = await case_files.get_for_update(tx, referral.case_id)
    waiting = await planned_legs.after(tx, referral.id)
    leads_on = outcome is not None and LEADS_ON[outcome]
    for planned in waiting:
        if leads_on:
            await _send(planned, referral, tx=tx)
        else:
            await planned_legs.drop(tx, planned.id)
    if case is None or not case.is_open or outcome is None or (waiting and leads_on):
        return None
    if await referrals.open_legs(tx, case.id, without=[referral.id]):
        return None
    last = referral.steps[-1]
    case.close(
        outcome,
        By(
            last.actor_id,
            last.acting_pillar,
            last.acting_area,
            frozenset(),
            tx.now,
            last.occurred_at,
        ),
    )
    return case


async def _send(planned: planned_legs.PlannedLeg, before: Referral, *, tx: Tx) -> None:
    """Send a leg that waited, in the name of who planned it."""
    leg = await supporting_leg(
        planned.pillar,
        need_of(before, area=planned.area),
        why="Menyusul rujukan pertama, sesuai rencana pengirim.",
        area=planned.area,
        beneficiary_id=before.beneficiary_id,
        tx=tx,
    )
    new = following(before, new_id(), leg, role=LegRole.SUPPORTING)
    relations = frozenset({Relation.SENDER})
    new.send(By(planned.planned_by, before.sender_pillar, before.sender_area, relations, tx.now))
    await referrals.add(tx, new)
    await planned_legs.sent(tx, planned.id, new.id)
