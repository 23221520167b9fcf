"""What a caller is to a record: whether they may read it, and how much of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.registry.storage.access import BY_IDS, hides_name, is_masked, may_touch
from shared.auth import Actor
from shared.contracts.codes import BeneficiaryKind, Confidentiality
from shared.database import Tx
from shared.policy import Action, Resource, decide


class _Row(NamedTuple):
    id: UUID
    kind: str
    name_key: str
    area: str
    confidentiality: str
    registered_by: UUID
    granted_to: list[UUID]
    restricted_at: datetime | None
    anonymised_at: datetime | None


_BY_IDS_SQL: Final = f"select {', '.join(f'b.{name}' for name in _Row._fields)} from {BY_IDS}"  # noqa: S608 - our own columns


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
    found = await _rows(tx, [beneficiary_id])
    if not found or not may_touch(actor, found[0], Action.BENEFICIARY_READ):
        return None
    row = found[0]
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
    return {
        row.id: Known(row.area, row.name_key)
        for row in await _rows(tx, ids)
        if may_touch(actor, row, Action.BENEFICIARY_READ) and not is_masked(actor, row)
    }


async def _rows(tx: Tx, ids: Collection[UUID]) -> list[_Row]:
    return [_Row(*row) for row in await tx.fetch(_BY_IDS_SQL, list(ids))] if ids else []
