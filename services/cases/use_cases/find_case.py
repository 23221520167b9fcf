"""Find a case by the number people quote."""

from services.cases.domain.case import Case
from services.cases.storage import case_files
from services.cases.use_cases.read_case import read_case
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def find_case(number: str, *, tx: Tx, actor: Actor) -> Case:
    """The case, when one of its legs lies in the caller's scope; the read is audited."""
    case_id = await case_files.id_of(tx, number)
    if case_id is None:
        raise NotFound
    return await read_case(case_id, tx=tx, actor=actor)
