"""Break the glass: read a referral in an emergency although outside its circle."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from services.cases.domain.errors import UnknownCase
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import FINAL, Relation
from services.cases.domain.steps import By
from services.cases.domain.superiors import officers
from services.cases.storage import glass, known, referrals
from services.cases.use_cases.access import duty_for, relations_of
from shared import audit
from shared.auth import Actor
from shared.database import Tx

GLASS_HOURS: Final = 3


async def break_glass(case_number: str, *, reason: str, tx: Tx, actor: Actor) -> list[Referral]:
    """Let the caller read the open referrals of a case for three hours.

    The data protection officers of the area (without one, its Dinsos) are told, the reason stands
    in the history, and the audit log says who did it. Raises `UnknownCase` when no open referral
    of such a case, outside the caller's circle, lies in the area of a duty that may do this.
    """
    found = [
        (referral, relations)
        for referral in await referrals.of_case_number_for_update(tx, case_number)
        if referral.status not in FINAL
        and Relation.OVERSEER in (relations := relations_of(actor, referral))
    ]
    if not found:
        raise UnknownCase
    superiors = await known.superiors(tx, [referral.area for referral, _ in found])
    until = tx.now + timedelta(hours=GLASS_HOURS)
    for referral, relations in found:
        duty = duty_for(actor, None, area=referral.area, pillar=referral.pillar)
        by = By(actor.id, duty.pillar, duty.area, relations, tx.now)
        told = officers(referral.area, superiors, actor.id)
        referral.break_glass(by, reason=reason, until=until, officers=told)
        await glass.grant(tx, referral.id, actor.id, reason=reason, until=until, told=told)
    opened = [referral for referral, _ in found]
    await referrals.save(tx, *opened)
    await audit.record(tx, actor, "glass.broken", _ids(opened))
    return opened


def _ids(opened: list[Referral]) -> list[UUID]:
    return [referral.id for referral in opened]
