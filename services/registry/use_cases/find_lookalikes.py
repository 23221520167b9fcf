"""Who among the registered looks like somebody else."""

from dataclasses import dataclass, field
from uuid import UUID

from services.registry.domain.beneficiary import Particulars
from services.registry.domain.birth import Birth, Precision
from services.registry.domain.lookalike import Lookalike
from services.registry.domain.sex import Sex
from services.registry.storage import different, family_cards, marks, niks, queries
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.marks import Probe
from services.registry.storage.queries import Record
from services.registry.use_cases.register_beneficiary import together
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind
from shared.database import Tx
from shared.errors import NotFound
from shared.policy import Action, Resource, require


@dataclass(frozen=True, slots=True)
class Numbered:
    """Who is looked for by a number as well: a NIK, or the No. KK of a family."""

    number: str = field(repr=False)
    name: str = field(repr=False)


async def find_lookalikes(
    probe: Probe, *, numbered: Numbered | None = None, tx: Tx, actor: Actor, vault: NikVault
) -> list[Lookalike]:
    """Whoever has the number, then the likest; that they were shown stands in the trail of each.

    Raises `Forbidden` for an area in which the caller may not register.
    """
    require(actor, Action.BENEFICIARY_REGISTER, Resource(area=probe.traits.area))
    same = await _holders(probe.kind, numbered, tx=tx, actor=actor, vault=vault) if numbered else []
    (alike,) = await marks.lookalikes(tx, actor, [probe])
    found = together(same, alike, actor=actor, vault=vault)
    await audit.record(tx, actor, "beneficiary.lookalike_shown", [one.id for one in found])
    return found


async def _holders(
    kind: BeneficiaryKind, asked: Numbered, *, tx: Tx, actor: Actor, vault: NikVault
) -> list[Lookalike]:
    """A number typed into a form is a search for it; past the share only sending says more."""
    held = family_cards.held if kind is BeneficiaryKind.FAMILY else niks.held
    found = (await held(tx, vault, actor, [asked.number]))[asked.number]
    # Counted after the turns that lists wait for as well, in one order for all.
    if not await niks.count_search(tx, actor, vault.asked(asked.number, actor.id)):
        return []
    return [one.as_lookalike(asked.name) for one in found]


async def find_lookalikes_of(
    beneficiary_id: UUID, *, tx: Tx, actor: Actor, vault: NikVault
) -> list[Lookalike]:
    """Who may be the same as a registered beneficiary, without those said to be somebody else.

    Nobody for a masked record: who shares its NIK or birth would tell whose it is. Raises
    `NotFound` out of scope.
    """
    record = await queries.record(tx, vault, actor, beneficiary_id)
    if record is None:
        raise NotFound
    if record.masked:
        return []
    said = _said(record)
    probe = marks.probe_of(
        vault,
        BeneficiaryKind(record.kind),
        said,
        has_nik=record.nik is not None,
        beneficiary_id=record.id,
    )
    (alike,) = await marks.lookalikes(tx, actor, [probe])
    apart = {other for _, other in await different.known(tx, [record.id])}
    same = [
        held.as_lookalike(record.name)
        for held in await niks.sharing(tx, actor, record.id)
        if held.id != record.id and held.id not in apart
    ]
    found = together(same, alike, actor=actor, vault=vault)
    await audit.record(tx, actor, "beneficiary.lookalike_shown", [one.id for one in found])
    return found


def _said(record: Record) -> Particulars:
    """As much of it as is compared."""
    return Particulars(
        name=record.name,
        area=record.area,
        categories=(),
        sex=Sex(record.sex) if record.sex else None,
        birth=Birth(Precision(record.birth_precision), record.birth_year, record.birth_on)
        if record.birth_precision and record.birth_year
        else None,
        phone=record.phone,
    )
