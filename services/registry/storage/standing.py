"""What a caller is to a record: whether they may read it, and how much of it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from services.registry.storage.access import allowed, hides_name, shown_by_name
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.database import Tx
from shared.policy import Action, Resource, decide


@dataclass(frozen=True, slots=True)
class Standing:
    """A record that the caller may read."""

    kind: BeneficiaryKind
    area: str
    confidentiality: Confidentiality
    registered_by: UUID
    granted_to: tuple[UUID, ...]

    def is_hidden_from(self, actor: Actor) -> bool:
        """Whether the caller is not told who it is."""
        return self._hides(actor, self.confidentiality)

    def shows(self, actor: Actor, level: Confidentiality) -> bool:
        """Whether the caller may know something of this sensitivity of it."""
        resource = Resource(
            area=self.area,
            owners=(self.registered_by,),
            named=self.granted_to,
            confidentiality=level,
        )
        if level is not Confidentiality.C1 and self.is_hidden_from(actor):
            return False
        return decide(actor, Action.BENEFICIARY_READ, resource) and not self._hides(actor, level)

    def _hides(self, actor: Actor, level: Confidentiality) -> bool:
        return hides_name(
            actor,
            confidentiality=level,
            registered_by=self.registered_by,
            granted_to=self.granted_to,
        )


async def standing(tx: Tx, actor: Actor, beneficiary_id: UUID) -> Standing | None:
    """The record as far as this asks, or None when there is none the caller may read."""
    found = await tx.execute(
        sa.select(b.c.kind, b.c.area, b.c.confidentiality, b.c.registered_by, b.c.granted_to).where(
            b.c.id == beneficiary_id, allowed(actor, Action.BENEFICIARY_READ)
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    return Standing(
        BeneficiaryKind(row.kind),
        row.area,
        Confidentiality(row.confidentiality),
        row.registered_by,
        tuple(row.granted_to),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A record that lists show the caller by name."""

    area: str
    name_key: str


async def known_by_name(tx: Tx, actor: Actor, ids: Collection[UUID]) -> dict[UUID, Known]:
    """Those of the records that lists show the caller by name.

    Of the others, out of scope or behind a mask, nothing may tell which records they are.
    """
    if not ids:
        return {}
    found = await tx.execute(
        sa.select(b.c.id, b.c.area, b.c.name_key).where(
            b.c.id.in_(ids), allowed(actor, Action.BENEFICIARY_READ), shown_by_name(actor)
        )
    )
    return {row.id: Known(row.area, row.name_key) for row in found}
