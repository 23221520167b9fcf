"""Reopen a case."""

from services.cases.domain.case import Case
from services.cases.storage import case_files
from services.cases.use_cases.case_access import CaseAct, led_case
from shared.auth import Actor
from shared.database import Tx


async def reopen_case(act: CaseAct, *, note: str, tx: Tx, actor: Actor) -> Case:
    """Take a closed case up again, with a reason."""
    case, by = await led_case(tx, actor, act)
    case.reopen(by, note=note)
    await case_files.save(tx, case)
    return case
