"""Register a beneficiary once, after looking for somebody who is the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.registry.domain.beneficiary import Beneficiary, NikAbsentReason, Particulars
from services.registry.domain.birth import local_day
from services.registry.domain.consent import Consent, consent_findings
from services.registry.domain.errors import IdTaken, PossibleDuplicate
from services.registry.domain.finding import Finding
from services.registry.domain.lookalike import Lookalike
from services.registry.storage import beneficiaries, family_cards, marks, niks
from services.registry.storage.field_encryption import NikVault
from services.registry.storage.registrations import Registration
from services.registry.use_cases.accept_lookalikes import accept_lookalikes
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, LegalBasis
from shared.database import Tx
from shared.policy import Action, Resource, require


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBeneficiary:
    """What the worker filled in."""

    id: UUID
    kind: BeneficiaryKind
    said: Particulars
    nik: str | None
    nik_absent_reason: NikAbsentReason | None
    kk: str | None = None
    legal_basis: LegalBasis
    consent: Consent | None
    accept_lookalikes: bool
    different_from: Collection[UUID] = ()
    """Look-alikes of whom the worker has said that they are somebody else."""

    def is_decided(self, found: Sequence[Lookalike]) -> bool:
        """Whether the worker has decided about each of these look-alikes."""
        return self.accept_lookalikes or {one.told_as for one in found} <= set(self.different_from)


async def register_beneficiary(
    command: RegisterBeneficiary, *, tx: Tx, actor: Actor, vault: NikVault
) -> tuple[Beneficiary, list[Finding]]:
    """The new record and what looks odd about it.

    Raises `PossibleDuplicate` when its NIK or No. KK is registered or somebody looks much alike,
    unless the worker has decided about each of them; the decision is then written to the audit
    trail of every record it was taken against, and pairs said to be two people are remembered.
    """
    beneficiary = admitted(command, actor)
    accepted = await _look_for_duplicates(command, tx=tx, actor=actor, vault=vault)
    registration = Registration(beneficiary, command.legal_basis, command.consent)
    if not await beneficiaries.add(tx, vault, [registration]):
        raise IdTaken
    await audit.record(tx, actor, "beneficiary.registered", [command.id])
    await accept_lookalikes(command.id, accepted, command.different_from, tx=tx, actor=actor)
    return beneficiary, findings_of(command, beneficiary, tx.now)


def admitted(command: RegisterBeneficiary, actor: Actor) -> Beneficiary:
    """The new record if rules and duties allow it, not stored yet."""
    beneficiary = Beneficiary.register(
        beneficiary_id=command.id,
        kind=command.kind,
        said=command.said,
        registered_by=actor.id,
        nik=command.nik,
        nik_absent_reason=command.nik_absent_reason,
        kk=command.kk,
    )
    require(actor, Action.BENEFICIARY_REGISTER, Resource(area=command.said.area))
    return beneficiary


def findings_of(
    command: RegisterBeneficiary, beneficiary: Beneficiary, now: datetime
) -> list[Finding]:
    """What looks odd about a new record and its grounds; none of it blocks."""
    return [
        *beneficiary.findings(local_day(now)),
        *consent_findings(command.legal_basis, command.consent),
    ]


async def _look_for_duplicates(
    command: RegisterBeneficiary, *, tx: Tx, actor: Actor, vault: NikVault
) -> list[Lookalike]:
    """Those in spite of whom it may be registered."""
    same: list[Lookalike] = []
    asked: UUID | None = None
    if number := command.nik or command.kk:
        # A refusal says that a NIK is registered, so it spends the same allowance as a search.
        asked = vault.asked(number, actor.id)
        await niks.require_searches_left(tx, actor, asked)
        held = niks.held if command.nik else family_cards.held
        holders = (await held(tx, vault, actor, [number]))[number]
        same = [one.as_lookalike(command.said.name) for one in holders]
    probe = marks.probe_of(vault, command.kind, command.said, has_nik=command.nik is not None)
    (alike,) = await marks.lookalikes(tx, actor, [probe])
    found = together(same, alike, actor=actor, vault=vault)
    if not command.is_decided(found):
        raise PossibleDuplicate(found, asked=asked)
    return found


def together(
    same: Sequence[Lookalike], alike: Sequence[Lookalike], *, actor: Actor, vault: NikVault
) -> list[Lookalike]:
    """Those with the same NIK, then those who look alike, each once and as the caller is told."""
    known = {one.id for one in same}
    return [
        one if one.told_as else replace(one, told_as=vault.unnamed(one.id, actor.id))
        for one in (*same, *(one for one in alike if one.id not in known))
    ]
