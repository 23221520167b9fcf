"""Write down why data may be held for a purpose."""

from uuid import UUID

from services.registry.domain.consent import Grounds, Purpose, consent_findings
from services.registry.domain.finding import Finding
from services.registry.storage import grounds as stored
from services.registry.storage import protection, restriction
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action


async def record_grounds(
    beneficiary_id: UUID, grounds: Grounds, *, tx: Tx, actor: Actor
) -> tuple[UUID, list[Finding]]:
    """The id of the new grounds, and what looks odd about them.

    Grounds for service open a restricted record again. Raises `NotFound` out of scope.
    """
    if not await protection.is_open_to(tx, actor, Action.PROTECTION_RECORD, beneficiary_id):
        raise NotFound
    made = await stored.add(tx, actor, beneficiary_id, grounds)
    detail = f"{grounds.purpose},{grounds.basis}"
    await audit.record(tx, actor, "protection.grounds_recorded", [beneficiary_id], detail=detail)
    if grounds.purpose is Purpose.SERVICE and await restriction.lift(tx, beneficiary_id):
        await audit.record(tx, actor, "protection.restriction_lifted", [beneficiary_id])
    return made, consent_findings(grounds.basis, grounds.consent)
