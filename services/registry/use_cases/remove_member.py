"""Write down that a person has left a family."""

from datetime import date
from uuid import UUID

from services.registry.domain.birth import local_day
from services.registry.domain.family import require_leaving_day
from services.registry.storage import family_members, told_merges
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.standing import standing
from services.registry.use_cases.access import changeable
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def remove_member(
    family_id: UUID,
    person_id: UUID,
    left_on: date | None,
    *,
    tx: Tx,
    actor: Actor,
    vault: NikVault,
) -> None:
    """The stay ends on that day, today if none is said, and is kept.

    Raises `NotFound` out of scope and for who is no member the caller may know by name,
    `Forbidden` when the caller may not change the family, and `RuleViolated` for a wrong day.
    """
    await changeable(family_id, tx=tx, actor=actor, vault=vault)
    person = await standing(tx, actor, person_id)
    ids = await told_merges.whole(tx, actor, family_id)
    stay = await family_members.current(tx, ids, person_id)
    if person is None or person.is_hidden_from(actor) or stay is None:
        raise NotFound
    today = local_day(tx.now)
    day = left_on or today
    require_leaving_day(day, joined_on=stay.joined_on, today=today)
    await family_members.remove(tx, actor, ids, person_id, left_on=day)
    for one, other in ((family_id, person_id), (person_id, family_id)):
        await audit.record(tx, actor, "beneficiary.member_removed", [one], detail=str(other))
