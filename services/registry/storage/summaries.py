"""Beneficiaries as lists show them, each only as far as the caller may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.registry.domain.beneficiary import open_categories
from services.registry.domain.name import HIDDEN
from services.registry.storage import told_merges
from services.registry.storage.access import BY_IDS, is_masked, may_touch
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action

SUMMARY: Final = (
    b.c.id,
    b.c.name,
    b.c.kind,
    b.c.sex,
    b.c.birth_year,
    b.c.area,
    b.c.categories,
    b.c.confidentiality,
    b.c.registered_by,
    b.c.granted_to,
)


class _Row(NamedTuple):
    """What is read of a record that is asked for by its id."""

    id: UUID
    name: str
    kind: str
    sex: str | None
    birth_year: int | None
    area: str
    categories: list[str]
    confidentiality: str
    registered_by: UUID
    granted_to: list[UUID]
    restricted_at: datetime | None
    anonymised_at: datetime | None


_BY_IDS_SQL: Final = f"select {', '.join(f'b.{name}' for name in _Row._fields)} from {BY_IDS}"  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True)
class Summary:
    """A beneficiary as lists show it; of a masked one, neither name nor age nor sensitive code."""

    id: UUID
    name: str
    kind: str
    sex: str | None
    birth_year: int | None
    area: str
    categories: list[str]
    confidentiality: str
    masked: bool


async def of(tx: Tx, actor: Actor, ids: Sequence[UUID], *actions: Action) -> dict[UUID, Summary]:
    """Those of the named records on which the caller may do all of `actions`.

    For one that was merged the one that remains, as `record` answers it.
    """
    remaining = await told_merges.remaining(tx, actor, ids)
    found = await of_these(tx, actor, {*ids, *remaining.values()}, *actions)
    known = {one: found.get(remaining.get(one, one)) or found.get(one) for one in ids}
    return {one: summary for one, summary in known.items() if summary is not None}


async def of_these(
    tx: Tx, actor: Actor, ids: Collection[UUID], *actions: Action
) -> dict[UUID, Summary]:
    """The same of these very records, merged or not."""
    rows = [_Row(*row) for row in await tx.fetch(_BY_IDS_SQL, list(ids))]
    return {row.id: summary_of(actor, row) for row in rows if may_touch(actor, row, *actions)}


def summary_of(actor: Actor, row: Any) -> Summary:
    """One row of `SUMMARY` as lists show it to the caller."""
    masked = is_masked(actor, row)
    return Summary(
        id=row.id,
        name=HIDDEN if masked else row.name,
        kind=row.kind,
        sex=None if masked else row.sex,
        birth_year=None if masked else row.birth_year,
        area=row.area,
        categories=open_categories(row.categories) if masked else row.categories,
        confidentiality=row.confidentiality,
        masked=masked,
    )
