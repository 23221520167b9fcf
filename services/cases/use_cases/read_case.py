"""Read one case."""

from uuid import UUID

from services.cases.domain.case import Case
from services.cases.storage import case_files, queries
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def read_case(case_id: UUID, *, tx: Tx, actor: Actor) -> Case:
    """The case, when one of its legs lies in the caller's scope; the read is audited."""
    case = await case_files.get(tx, case_id)
    if case is None or not await queries.legs_of(tx, actor, case_id):
        raise NotFound
    await audit.record(tx, actor, "case.read", [case_id])
    return case
