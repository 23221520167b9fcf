"""Join people of a list to the families on whose cards they stand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary
from services.registry.domain.family import Relation
from services.registry.domain.list_import import ImportStatus
from services.registry.domain.lookalike import Lookalike
from services.registry.storage import beneficiaries, family_cards, family_members, marks, summaries
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.imports import Import
from services.registry.storage.registrations import Registration
from shared import audit
from shared.contracts.codes import BeneficiaryKind, Confidentiality, LegalBasis
from shared.database import Tx
from shared.ids import new_id
from shared.policy import Action

_SPECIAL: Final = "Tidak dihubungkan dengan keluarganya karena layanan khusus."
_AWAY: Final = "Keluarga dengan No. KK ini di luar jangkauan tugas Anda; belum dihubungkan."
_ALIKE: Final = "Keluarganya mirip dengan yang sudah tercatat; hubungkan di halaman keluarga itu."


@dataclass(frozen=True, slots=True)
class Joiner:
    """A person of a list who is registered by it, and the No. KK their line gives."""

    line: int
    person: Beneficiary
    kk: str = field(repr=False)


async def join_families(
    joiners: Sequence[Joiner], *, job: Import, tx: Tx, vault: NikVault
) -> dict[int, str]:
    """What keeps some of them from it, by line; while the list is checked, nobody is joined.

    A card nobody has yet makes a new family, unless one that looks like it is registered. People
    whose name lists hide stay alone, for the family around them would tell it.
    """
    told = {one.line: _SPECIAL for one in joiners if _is_hidden(one.person)}
    by_card: defaultdict[str, list[Joiner]] = defaultdict(list)
    for one in joiners:
        if one.line not in told:
            by_card[one.kk].append(one)
    if not by_card:
        return told
    known, away = await _known(list(by_card), job=job, tx=tx, vault=vault)
    new = {
        kk: Beneficiary.household(new_id(), kk, [one.person for one in some])
        for kk, some in by_card.items()
        if kk not in known and kk not in away
    }
    alike = await _alike(new, job=job, tx=tx, vault=vault)
    for kk, some in by_card.items():
        why = _AWAY if kk in away else _ALIKE if kk in alike else None
        if why:
            told |= {one.line: why for one in some}
    if job.status is ImportStatus.RUNNING:
        made = {kk: family for kk, family in new.items() if kk not in alike}
        await _register(list(made.values()), job=job, tx=tx, vault=vault)
        families = known | {kk: family.id for kk, family in made.items()}
        await _add(by_card, families, job=job, tx=tx)
    return told


def _is_hidden(person: Beneficiary) -> bool:
    return person.confidentiality is Confidentiality.C3


async def _known(
    cards: Sequence[str], *, job: Import, tx: Tx, vault: NikVault
) -> tuple[dict[str, UUID], set[str]]:
    """The families of these cards that the importer may change, and the cards of others.

    Whoever else brings a card now waits here until the transaction ends.
    """
    held = await family_cards.held(tx, vault, job.actor, cards)
    ids = [one.id for some in held.values() for one in some]
    if not ids:
        return {}, set()
    within = await summaries.of(
        tx, job.actor, ids, Action.BENEFICIARY_READ, Action.BENEFICIARY_CHANGE
    )
    known: dict[str, UUID] = {}
    for kk, some in held.items():
        for one in some:
            family = within.get(one.id)
            if family is not None and not family.masked:
                known.setdefault(kk, family.id)
    away = {kk for kk, some in held.items() if some and kk not in known}
    shown = [one.id for kk in away for one in held[kk]]
    await audit.record(tx, job.actor, "beneficiary.lookalike_shown", shown, f"import {job.id}")
    return known, away


async def _alike(new: dict[str, Beneficiary], *, job: Import, tx: Tx, vault: NikVault) -> set[str]:
    """The cards whose family looks like one that is registered, unless that is accepted."""
    if not new:
        return set()
    probes = [
        marks.probe_of(vault, BeneficiaryKind.FAMILY, one.said, has_nik=False)
        for one in new.values()
    ]
    found = await marks.lookalikes(tx, job.actor, probes)
    likes: dict[str, list[Lookalike]] = {
        kk: some for kk, some in zip(new, found, strict=True) if some
    }
    accepts = job.columns is not None and job.columns.accept_lookalikes
    if accepts and job.status is not ImportStatus.RUNNING:
        return set()
    for kk, some in likes.items():
        ids = [one.id for one in some]
        if accepts:
            made = str(new[kk].id)
            await audit.record(tx, job.actor, "beneficiary.lookalike_accepted", ids, made)
        else:
            detail = f"import {job.id}"
            await audit.record(tx, job.actor, "beneficiary.lookalike_shown", ids, detail)
    return set() if accepts else set(likes)


async def _register(
    families: Sequence[Beneficiary], *, job: Import, tx: Tx, vault: NikVault
) -> None:
    if not families:
        return
    basis = job.columns.legal_basis if job.columns else LegalBasis.PUBLIC_TASK
    await beneficiaries.add(tx, vault, [Registration(one, basis) for one in families])
    ids = [one.id for one in families]
    await audit.record(tx, job.actor, "beneficiary.registered", ids, f"import {job.id}")


async def _add(
    by_card: dict[str, list[Joiner]], families: dict[str, UUID], *, job: Import, tx: Tx
) -> None:
    pairs = [
        (families[kk], one.person.id)
        for kk, some in by_card.items()
        if kk in families
        for one in some
    ]
    if not pairs:
        return
    # Lists do not say what somebody is to the head; a worker does on the family's page.
    await family_members.add_new(tx, job.actor, pairs, Relation.OTHER)
    joined = list(dict.fromkeys(one for pair in pairs for one in pair))
    await audit.record(tx, job.actor, "beneficiary.member_added", joined, f"import {job.id}")
