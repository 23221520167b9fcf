"""Finding records by a name as it sounds: any order of words, typing errors, old spellings."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.registry.domain.sounds import sounds_of
from services.registry.storage.access import allowed, shown_by_name
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action, reaches

FITTING: Final = 300
"""How many of those that sound most like the name are listed."""
LOOKED_AT: Final = (400, 20_000)
"""How many are looked at: hardly more than are listed, and only when those are mostly hidden from
the searcher or of another category, as many as the function tells."""
OWN: Final = 2000
"""How many records from elsewhere that are the caller's own are searched, the newest."""
# By the table of grants: behind the wall no index of `granted_to` serves a condition, and all
# records of the caller's area would be read to leave them out.
OWN_SQL: Final = """
    select id from (
        select id, area from beneficiaries
        where registered_by = $1 and (area < $2 or area >= $3)
        union
        select b.id, b.area from access_grants g join beneficiaries b on b.id = g.beneficiary_id
        where g.worker_id = $1 and (b.area < $2 or b.area >= $3)
    ) own
    order by id desc limit $4
"""
_SOUNDING_SQL: Final = """
    select s.beneficiary_id, s.likeness
    from unnest($2::text[]) place (code), sounding_like($1, code, '{}', $4) s
    union select s.beneficiary_id, s.likeness from sounding_like($1, null, $3, $4) s
    where cardinality($3::uuid[]) > 0
    order by 2 desc, 1 limit $4
"""


async def best_fitting(
    tx: Tx, actor: Actor, name: str, area: str | None, wanted: sa.Select[Any]
) -> tuple[list[Any], bool]:
    """Those rows of `wanted` that fit the name best, and whether there are more than these.

    What the caller is not shown by name, or `wanted` leaves out, takes nobody's place.
    """
    found: list[Any] = []
    likeness: Mapping[UUID, float] = {}
    is_whole = False
    for at_most in LOOKED_AT:
        likeness = await _sounding_like(tx, actor, name, area, at_most)
        found = await _shown(tx, actor, list(likeness), wanted)
        is_whole = len(likeness) < at_most
        if is_whole or len(found) > FITTING:
            break
    best = sorted(found[:FITTING], key=lambda row: (-likeness[row.id], row.name_key, row.id))
    return best, len(found) > FITTING or not is_whole


async def _shown(tx: Tx, actor: Actor, ids: Sequence[UUID], wanted: sa.Select[Any]) -> list[Any]:
    """The first of them that a list shows, in their order; one more than are listed at the most."""
    found: list[Any] = []
    start, some = 0, LOOKED_AT[0]
    while start < len(ids) and len(found) <= FITTING:
        asked = ids[start : start + some]
        rows = {row.id: row for row in await tx.execute(wanted.where(_named(actor, asked)))}
        found += [rows[one] for one in asked if one in rows]
        start, some = start + some, some * 4
    return found[: FITTING + 1]


async def _sounding_like(
    tx: Tx, actor: Actor, name: str, area: str | None, at_most: int
) -> dict[UUID, float]:
    """Ids of records whose names sound like this one, and how well they fit, 0 to 1, best first.

    Only a first sieve: it looks in the areas of the caller's duties within `area` and among the
    caller's own records elsewhere, and knows nothing else of who may see them.
    """
    words = sorted(dict.fromkeys(sounds_of(name)), key=len, reverse=True)
    scope = actor.row_scope()
    own = await tx.fetch(OWN_SQL, actor.id, scope.area_from, scope.area_to, OWN)
    places = _places(actor, area)
    rows = await tx.fetch(_SOUNDING_SQL, words, places, [row["id"] for row in own], at_most)
    return {row["beneficiary_id"]: row["likeness"] for row in rows}


def _named(actor: Actor, ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """Those of the ids that a list shows the caller by name."""
    asked = sa.literal(list(ids), ARRAY(sa.UUID))
    return sa.and_(
        b.c.id == sa.any_(asked), allowed(actor, Action.BENEFICIARY_READ), shown_by_name(actor)
    )


def _places(actor: Actor, wanted: str | None) -> list[str]:
    """The areas to look in, none within another."""
    duties = {reach.area for reach in reaches(actor, Action.BENEFICIARY_READ)}
    within = {place for duty in duties if (place := _narrower(duty, wanted or duty)) is not None}
    return sorted(
        one for one in within if not any(one != other and _holds(other, one) for other in within)
    )


def _narrower(one: str, other: str) -> str | None:
    if _holds(one, other):
        return other
    return one if _holds(other, one) else None


def _holds(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}.")
