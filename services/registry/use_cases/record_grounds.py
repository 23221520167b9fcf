"""Write down why data may be held for a purpose."""

from typing import Final
from uuid import UUID

from services.registry.domain.consent import Grounds, Purpose, consent_findings
from services.registry.domain.finding import Finding
from services.registry.storage import grounds as stored
from services.registry.storage import merges, protection, queries, restriction
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action

ERASURE_ENDED: Final = "erasure_ended"
STAYS: Final = (
    "Data tetap dibatasi karena diminta yang bersangkutan. Petugas pelindungan data atau Dinas "
    "Sosial yang mencabutnya."
)


async def record_grounds(
    beneficiary_id: UUID, grounds: Grounds, *, tx: Tx, actor: Actor
) -> tuple[UUID, list[Finding]]:
    """The id of the new grounds, and what looks odd about them.

    Grounds for service open a restricted record again, with every other that is the same person,
    and end an erasure that was granted. What the person asked for, only those lift who answer such
    requests; of others the grounds are kept with a warning. Raises `NotFound` out of scope.
    """
    await merges.hold(tx)
    if not await protection.is_open_to(tx, actor, Action.PROTECTION_RECORD, beneficiary_id):
        raise NotFound
    made = await stored.add(tx, actor, beneficiary_id, grounds)
    detail = f"{grounds.purpose},{grounds.basis}"
    await audit.record(tx, actor, "protection.grounds_recorded", [beneficiary_id], detail=detail)
    findings = consent_findings(grounds.basis, grounds.consent)
    if grounds.purpose is Purpose.SERVICE:
        findings += await _open_again(beneficiary_id, tx=tx, actor=actor)
    return made, findings


async def _open_again(beneficiary_id: UUID, *, tx: Tx, actor: Actor) -> list[Finding]:
    ids = await merges.whole(tx, [beneficiary_id])
    handles = await queries.is_allowed(tx, actor, Action.PROTECTION_HANDLE, beneficiary_id)
    # All that are one person are open or closed together, wherever they lie.
    async with tx.beyond_scope():
        if not handles and await restriction.is_asked_for(tx, ids):
            return [Finding("restriction-stays", "/purpose", STAYS)]
        for one, was_to_go in (await restriction.lift(tx, ids)).items():
            detail = ERASURE_ENDED if was_to_go else None
            await audit.record(tx, actor, "protection.restriction_lifted", [one], detail=detail)
    return []
