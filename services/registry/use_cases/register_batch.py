"""Register many beneficiaries at once, each item for itself and each key once for good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import asyncpg

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.companions import earlier_alike
from services.registry.domain.errors import IdTaken
from services.registry.domain.finding import Finding
from services.registry.domain.likeness import Likeness
from services.registry.domain.lookalike import Lookalike, same_kk, same_nik, similar
from services.registry.domain.name import key_of
from services.registry.storage import beneficiaries, family_cards, marks, niks, registration_keys
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.niks import Held
from services.registry.storage.registrations import Registration
from services.registry.use_cases.accept_lookalikes import accept_lookalikes
from services.registry.use_cases.register_beneficiary import (
    RegisterBeneficiary,
    admitted,
    findings_of,
    together,
)
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import Problem, UnstorableText
from shared.reference.areas import label_of


class ItemStatus(StrEnum):
    """What became of one item."""

    CREATED = "created"
    REPEATED = "repeated"
    """Its key was served before; the record is the one made then."""
    POSSIBLE_DUPLICATE = "possible-duplicate"
    """Somebody with this NIK is registered; the worker decides and sends it again."""
    INVALID = "invalid"
    TRY_AGAIN = "try-again"
    """The worker has asked after too many NIKs this minute; nothing was decided."""


@dataclass(frozen=True, slots=True)
class Item:
    """One registration under the key its device gave it."""

    key: UUID
    command: RegisterBeneficiary


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item, and why."""

    status: ItemStatus
    id: UUID | None = None
    candidates: Sequence[Lookalike] = ()
    problem: Problem | None = None
    findings: Sequence[Finding] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class _New:
    """An item that passed every rule and waits to be stored."""

    item: Item
    beneficiary: Beneficiary
    accepted: Sequence[Lookalike]

    @property
    def registration(self) -> Registration:
        command = self.item.command
        return Registration(self.beneficiary, command.legal_basis, command.consent)


async def register_batch(
    items: Sequence[Item], *, tx: Tx, actor: Actor, vault: NikVault
) -> dict[UUID, ItemResult]:
    """What became of each key. The first item under a key counts; no item hinders another."""
    wanted: dict[UUID, Item] = {}
    for item in items:
        wanted.setdefault(item.key, item)
    before = await registration_keys.known(tx, actor, wanted)
    results = {key: ItemResult(ItemStatus.REPEATED, found) for key, found in before.items()}
    fresh = [item for key, item in wanted.items() if key not in before]
    new = await _new(fresh, results, tx=tx, actor=actor, vault=vault)
    stored = await _stored(new, results, tx=tx, vault=vault)
    await registration_keys.keep(tx, actor, {one.item.key: one.beneficiary.id for one in stored})
    await audit.record(tx, actor, "beneficiary.registered", [one.beneficiary.id for one in stored])
    for one in stored:
        made = one.beneficiary.id
        findings = findings_of(one.item.command, one.beneficiary, tx.now)
        results[one.item.key] = ItemResult(ItemStatus.CREATED, made, findings=findings)
        different = one.item.command.different_from
        await accept_lookalikes(made, one.accepted, different, tx=tx, actor=actor)
    return results


async def _new(
    items: Sequence[Item],
    results: dict[UUID, ItemResult],
    *,
    tx: Tx,
    actor: Actor,
    vault: NikVault,
) -> list[_New]:
    """The items that may be stored; of the others the results say why not."""
    admissible: list[tuple[Item, Beneficiary]] = []
    ids: set[UUID] = set()
    for item in items:
        try:
            if item.command.id in ids:
                raise IdTaken
            admissible.append((item, admitted(item.command, actor)))
            ids.add(item.command.id)
        except Problem as problem:
            results[item.key] = ItemResult(ItemStatus.INVALID, problem=problem)
    asked = {one.nik for _, one in admissible if one.nik}
    cards = {one.kk for _, one in admissible if one.kk}
    holders = await niks.held(tx, vault, actor, asked) if asked else {}
    families = await family_cards.held(tx, vault, actor, cards) if cards else {}
    probes = [
        marks.probe_of(vault, one.kind, one.said, has_nik=one.nik is not None)
        for _, one in admissible
    ]
    likes = await marks.lookalikes(tx, actor, probes) if probes else []
    companions = earlier_alike([probe.traits for probe in probes])
    new: list[_New] = []
    shown: list[UUID] = []
    left = await niks.may_search(tx, actor) if asked or cards else True
    taken: dict[int, Beneficiary] = {}
    for place, ((item, beneficiary), alike) in enumerate(zip(admissible, likes, strict=True)):
        number, said = beneficiary.nik or beneficiary.kk, item.command.said
        with_it = (holders if beneficiary.nik else families)[number] if number else []
        same = [one.as_lookalike(said.name) for one in with_it]
        beside = _beside(beneficiary, companions[place], taken)
        found = together(same, [*beside, *alike], actor=actor, vault=vault)
        if number and not left:
            results[item.key] = ItemResult(ItemStatus.TRY_AGAIN)
        elif not item.command.is_decided(found):
            # Such an answer says that a NIK is registered, so it spends the allowance of a search.
            if number and left:
                left = await niks.count_search(tx, actor, vault.asked(number, actor.id))
            told = left or not same
            results[item.key] = (
                ItemResult(ItemStatus.POSSIBLE_DUPLICATE, candidates=found)
                if told
                else ItemResult(ItemStatus.TRY_AGAIN)
            )
            shown += [one.id for one in found] if told else []
        else:
            new.append(_New(item, beneficiary, found))
            taken[place] = beneficiary
            if number:
                same_as = same_nik if beneficiary.nik else same_kk
                own = Held(beneficiary.id, label_of(said.area), key_of(said.name), same_as)
                with_it.append(own)
    await audit.record(tx, actor, "beneficiary.lookalike_shown", list(dict.fromkeys(shown)))
    return new


def _beside(
    beneficiary: Beneficiary, alike: Mapping[int, Likeness], taken: Mapping[int, Beneficiary]
) -> list[Lookalike]:
    """Those of the same batch who look alike and are about to be stored."""
    found = []
    for place, how in alike.items():
        other = taken.get(place)
        if other is not None and other.kind is beneficiary.kind:
            found.append(similar(other.id, how, place=label_of(other.said.area)))
    return [one for one in found if one is not None]


async def _stored(
    new: Sequence[_New], results: dict[UUID, ItemResult], *, tx: Tx, vault: NikVault
) -> list[_New]:
    """Those now in the registry: all in one statement, or one by one when the database objects."""
    if not new:
        return []
    try:
        async with tx.savepoint():
            added = await beneficiaries.add(tx, vault, [one.registration for one in new])
    except asyncpg.DataError:
        if len(new) == 1:
            results[new[0].item.key] = ItemResult(ItemStatus.INVALID, problem=UnstorableText())
            return []
        return [
            stored for one in new for stored in await _stored([one], results, tx=tx, vault=vault)
        ]
    for one in new:
        if one.beneficiary.id not in added:
            results[one.item.key] = ItemResult(ItemStatus.INVALID, problem=IdTaken())
    return [one for one in new if one.beneficiary.id in added]
