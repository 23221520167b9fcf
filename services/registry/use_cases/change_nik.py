"""Write down a person's NIK, or why there is none."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary, NikAbsentReason
from services.registry.domain.errors import PossibleDuplicate
from services.registry.domain.finding import Finding
from services.registry.domain.lookalike import Lookalike
from services.registry.domain.nik import nik_findings
from services.registry.storage import beneficiaries, different, niks
from services.registry.storage.field_encryption import NikVault
from services.registry.use_cases.accept_lookalikes import accept_lookalikes
from services.registry.use_cases.access import changeable
from services.registry.use_cases.register_beneficiary import together
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import VersionConflict


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNik:
    """The NIK from now on, or why it is not known."""

    id: UUID
    nik: str | None
    nik_absent_reason: NikAbsentReason | None
    accept_lookalikes: bool = False
    different_from: Collection[UUID] = ()
    """Holders of whom the worker has said that they are somebody else."""
    expected_version: int | None = None


async def change_nik(command: ChangeNik, *, tx: Tx, actor: Actor, vault: NikVault) -> list[Finding]:
    """What looks odd about the new number; the old one is forgotten.

    Raises as `change_beneficiary` does, `RuleViolated` for what is no NIK, and `PossibleDuplicate`
    when another record has this NIK, unless the worker has decided about it, as in a registration.
    """
    person = await changeable(command.id, tx=tx, actor=actor, vault=vault)
    if command.expected_version not in (None, person.version):
        raise VersionConflict(version_now=person.version)
    if person.change_nik(command.nik, command.nik_absent_reason):
        accepted = await _holders(command, person.said.name, tx=tx, actor=actor, vault=vault)
        await beneficiaries.save_nik(tx, vault, person)
        await audit.record(tx, actor, "beneficiary.changed", [person.id], detail="nik")
        await accept_lookalikes(person.id, accepted, command.different_from, tx=tx, actor=actor)
    return _findings(person)


def _findings(person: Beneficiary) -> list[Finding]:
    said = person.said
    return nik_findings(person.nik, sex=said.sex, birth=said.birth) if person.nik else []


async def _holders(
    command: ChangeNik, name: str, *, tx: Tx, actor: Actor, vault: NikVault
) -> list[Lookalike]:
    """Those in spite of whom it may be changed; without those said before to be somebody else."""
    if command.nik is None:
        return []
    # A refusal says that a NIK is registered, so it spends the same allowance as a search.
    asked = vault.asked(command.nik, actor.id)
    await niks.require_searches_left(tx, actor, asked)
    apart = {other for _, other in await different.known(tx, [command.id])}
    held = (await niks.held(tx, vault, actor, [command.nik]))[command.nik]
    others = [one for one in held if one.id != command.id and one.id not in apart]
    found = together([one.as_lookalike(name) for one in others], [], actor=actor, vault=vault)
    told = {one.told_as for one in found}
    if not command.accept_lookalikes and not told <= set(command.different_from):
        raise PossibleDuplicate(found, asked=asked)
    return found
