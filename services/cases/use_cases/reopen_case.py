"""Reopen a case."""

from uuid import UUID

from services.cases.domain.case import Case
from services.cases.storage import case_files
from services.cases.use_cases.case_access import led_case
from shared.auth import Actor
from shared.database import Tx


async def reopen_case(case_id: UUID, *, note: str, tx: Tx, actor: Actor) -> Case:
    """Take a closed case up again, with a reason."""
    case = await led_case(tx, actor, case_id)
    case.reopen(actor.id, note=note, now=tx.now)
    await case_files.save(tx, case)
    return case
