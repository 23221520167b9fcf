"""Who belongs to a family, and to which families a person belongs."""

from uuid import UUID

from services.registry.storage import family_members
from services.registry.storage.family_members import Member
from services.registry.use_cases.access import readable
from shared import audit
from shared.auth import Actor
from shared.database import Tx


async def list_members(family_id: UUID, *, tx: Tx, actor: Actor) -> list[Member]:
    """The members the caller may know by name, with the read in the trail of each.

    Raises `NotFound` out of scope.
    """
    family = await readable(family_id, tx=tx, actor=actor)
    hidden = family.is_hidden_from(actor)
    found = [] if hidden else await family_members.of_family(tx, actor, family_id)
    await _note(found, family_id, tx=tx, actor=actor)
    return found


async def list_families(person_id: UUID, *, tx: Tx, actor: Actor) -> list[Member]:
    """The families the caller may know by name, none of a person who is hidden from them.

    Raises `NotFound` out of scope.
    """
    person = await readable(person_id, tx=tx, actor=actor)
    hidden = person.is_hidden_from(actor)
    found = [] if hidden else await family_members.of_person(tx, actor, person_id)
    await _note(found, person_id, tx=tx, actor=actor)
    return found


async def _note(found: list[Member], of: UUID, *, tx: Tx, actor: Actor) -> None:
    await audit.record(tx, actor, "beneficiary.family_read", [of])
    others = list(dict.fromkeys(one.id for one in found))
    await audit.record(tx, actor, "beneficiary.listed", others)
