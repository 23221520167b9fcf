"""Who may change a case: whoever answers for one of its referrals."""

from typing import Final
from uuid import UUID

from services.cases.domain.case import Case
from services.cases.domain.referral_status import Relation
from services.cases.storage import case_files, referrals
from services.cases.use_cases.access import may_read, relations_of
from shared.auth import Actor
from shared.database import Tx
from shared.errors import Forbidden, NotFound

ANSWERING: Final = frozenset({Relation.SENDER, Relation.HOLDER, Relation.COORDINATOR})


async def led_case(tx: Tx, actor: Actor, case_id: UUID) -> Case:
    """The case, locked; raises `NotFound` out of scope and `Forbidden` for mere readers."""
    case = await case_files.get_for_update(tx, case_id)
    if case is None:
        raise NotFound
    legs = await referrals.of_case(tx, case_id)
    if not any([await may_read(tx, actor, leg) for leg in legs]):
        raise NotFound
    if not any(relations_of(actor, leg) & ANSWERING for leg in legs):
        raise Forbidden
    return case
