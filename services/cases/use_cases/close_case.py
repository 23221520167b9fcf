"""Close a case."""

from services.cases.domain.case import Case
from services.cases.domain.errors import ReasonMissing
from services.cases.storage import case_files, referrals
from services.cases.use_cases.case_access import CaseAct, led_case
from shared.auth import Actor
from shared.contracts.codes import Outcome
from shared.database import Tx


async def close_case(
    act: CaseAct, *, reason: Outcome, note: str | None, tx: Tx, actor: Actor
) -> Case:
    """End a case by hand; only when each of its referrals has ended."""
    case, by = await led_case(tx, actor, act)
    if reason is not Outcome.NEED_MET and not note:
        raise ReasonMissing("Jelaskan hasilnya dalam catatan.", "/note")
    legs = await referrals.open_legs(tx, case.id)
    case.close(reason, by, note=note, open_legs=legs)
    await case_files.save(tx, case)
    return case
