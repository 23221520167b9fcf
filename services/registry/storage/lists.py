"""Lists of beneficiaries: the newest first, or those whose names sound like one asked for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.registry.storage import name_search
from services.registry.storage.access import allowed, shown_by_name
from services.registry.storage.summaries import SUMMARY, Summary, summary_of
from services.registry.storage.tables import beneficiaries as b
from shared.auth import AREA_END, Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.errors import Invalid
from shared.policy import Action
from shared.reference.categories import CATEGORIES


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is asked for; `after` is the last id of the page before."""

    name: str | None = None
    area: str | None = None
    category: str | None = None
    after: UUID | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a list."""

    items: list[Summary]
    next: UUID | None = None
    """The last of them, if another page follows."""
    is_cut: bool = False
    """Whether more fit the name than any page shows, so that the searcher must say more of it."""


async def search(tx: Tx, actor: Actor, wanted: Search) -> Page:
    """One page: by name the best fitting first, else the newest first."""
    if wanted.name is not None:
        return await _search_by_name(tx, actor, wanted, wanted.name)
    rows = await tx.execute(search_statement(actor, wanted))
    return Page([summary_of(actor, row) for row in rows])


async def _search_by_name(tx: Tx, actor: Actor, wanted: Search, name: str) -> Page:
    """A page of those that fit best; behind them there is nothing to page to."""
    statement = _filtered(sa.select(*SUMMARY, b.c.name_key), actor, wanted)
    found, is_cut = await name_search.best_fitting(tx, actor, name, wanted.area, statement)
    start = 0
    if wanted.after is not None:
        places = [place for place, row in enumerate(found, 1) if row.id == wanted.after]
        if not places:
            raise Invalid("Daftar sudah berubah, muat ulang dari awal.")
        start = places[0]
    shown = [summary_of(actor, row) for row in found[start : start + wanted.limit]]
    return Page(shown, is_cut=is_cut)


def search_statement(actor: Actor, wanted: Search) -> sa.Select[Any]:
    """The list's query where no name is asked for."""
    readable = sa.select(*SUMMARY).where(allowed(actor, Action.BENEFICIARY_READ))
    statement = _filtered(readable, actor, wanted)
    if wanted.after is not None:
        statement = statement.where(b.c.id < wanted.after)
    return statement.order_by(b.c.id.desc()).limit(wanted.limit)


def _filtered(statement: sa.Select[Any], actor: Actor, wanted: Search) -> sa.Select[Any]:
    """Within the area and category asked for.

    A record whose name the caller is not shown is found neither by that name nor by a category
    that it does not show: finding it would say what the list hides. A restricted one stands in the
    lists of those alone who hold a referral of it; whoever handles requests about data opens it by
    its id or its NIK.
    """
    statement = statement.where(
        b.c.merged_into.is_(None),
        sa.or_(b.c.restricted_at.is_(None), sa.any_(b.c.granted_to) == actor.id),
    )
    if wanted.area is not None:
        statement = statement.where(b.c.area >= wanted.area, b.c.area < wanted.area + AREA_END)
    if wanted.category is not None:
        statement = statement.where(b.c.categories.contains([wanted.category]))
        if CATEGORIES[wanted.category].sensitivity is not Confidentiality.C1:
            statement = statement.where(shown_by_name(actor))
    return statement
