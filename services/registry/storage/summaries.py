"""Beneficiaries as lists show them, each only as far as the caller may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.domain.beneficiary import open_categories
from services.registry.domain.name import HIDDEN
from services.registry.storage import told_merges
from services.registry.storage.access import REMEMBERED, allowed, is_masked
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
    rows = await tx.execute(_statement(actor, actions), {"ids": list(ids)})
    return {row.id: summary_of(actor, row) for row in rows}


@lru_cache(maxsize=REMEMBERED)
def _statement(actor: Actor, actions: tuple[Action, ...]) -> sa.Select[Any]:
    named = b.c.id.in_(sa.bindparam("ids", expanding=True))
    return sa.select(*SUMMARY).where(named, allowed(actor, *actions))


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
