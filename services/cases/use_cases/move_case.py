"""Move a case to another phase."""

from services.cases.domain.case import Case
from services.cases.storage import case_files, referrals
from services.cases.use_cases.case_access import CaseAct, led_case
from shared.auth import Actor
from shared.contracts.codes import CasePhase, Urgency
from shared.database import Tx


async def move_case(
    act: CaseAct, *, phase: CasePhase, note: str | None, tx: Tx, actor: Actor
) -> Case:
    """Go on to a phase of the work, or back with a note."""
    case, by = await led_case(tx, actor, act)
    legs = await referrals.of_case(tx, case.id)
    emergency = any(leg.urgency is Urgency.EMERGENCY for leg in legs)
    case.move_to(phase, by, note=note, emergency=emergency)
    await case_files.save(tx, case)
    return case
