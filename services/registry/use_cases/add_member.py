"""Write down that a registered person belongs to a family."""

from services.registry.domain.birth import local_day
from services.registry.domain.family import Membership, UnknownPerson
from services.registry.domain.finding import Finding
from services.registry.storage import family_members
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.standing import standing
from services.registry.use_cases.access import changeable
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def add_member(
    membership: Membership, *, tx: Tx, actor: Actor, vault: NikVault
) -> list[Finding]:
    """What looks odd about it.

    Raises `NotFound` for a family out of scope, `Forbidden` when the caller may not change it,
    `UnknownPerson` for somebody the caller may not know by name, and a `RuleViolated` or
    `Conflict` for what no family can be.
    """
    family_id, person_id = membership.family_id, membership.person_id
    family = await changeable(family_id, tx=tx, actor=actor, vault=vault)
    person = await standing(tx, actor, person_id)
    if person is None or person.is_hidden_from(actor):
        raise UnknownPerson(pointer="/person_id")
    membership.require_fitting(family=family.kind, person=person.kind, today=local_day(tx.now))
    await family_members.add(tx, actor, membership)
    for one, other in ((family_id, person_id), (person_id, family_id)):
        await audit.record(tx, actor, "beneficiary.member_added", [one], detail=str(other))
    if await family_members.is_elsewhere(tx, person_id, family_id):
        return [
            Finding("member-elsewhere", "/person_id", "Orang ini juga tercatat di keluarga lain.")
        ]
    return []
