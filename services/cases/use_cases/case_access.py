"""Who may change a case: whoever answers for one of its referrals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.domain.case import Case
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Relation
from services.cases.domain.steps import By
from services.cases.storage import case_files, referrals
from services.cases.use_cases.access import (
    ActingAs,
    duty_for,
    may_read,
    relations_of,
    require_plausible,
)
from shared.auth import Actor
from shared.database import Tx
from shared.errors import Forbidden, NotFound

ANSWERING: Final = frozenset({Relation.SENDER, Relation.HOLDER, Relation.COORDINATOR})


@dataclass(frozen=True, slots=True)
class CaseAct:
    """What every act on a case says beside its own fields."""

    case_id: UUID
    acting_as: ActingAs | None = None
    occurred_at: datetime | None = None


def answers_for(actor: Actor, legs: Iterable[Referral]) -> bool:
    """Whether the caller sent, holds or coordinates one of these."""
    return any(relations_of(actor, leg) & ANSWERING for leg in legs)


async def led_case(tx: Tx, actor: Actor, act: CaseAct) -> tuple[Case, By]:
    """The case, locked, and who acts on it, in which duty and when.

    Raises `NotFound` out of scope and `Forbidden` for mere readers.
    """
    case = await case_files.get_for_update(tx, act.case_id)
    if case is None:
        raise NotFound
    legs = await referrals.of_case(tx, act.case_id)
    if not any([await may_read(tx, actor, leg) for leg in legs]):
        raise NotFound
    if not answers_for(actor, legs):
        raise Forbidden
    require_plausible(act.occurred_at, tx.now)
    duty = duty_for(actor, act.acting_as, area=case.area, pillar="")
    by = By(actor.id, duty.pillar, duty.area, frozenset(), tx.now, act.occurred_at)
    return case, by
