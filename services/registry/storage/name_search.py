"""Finding records by a name as it sounds: any order of words, typing errors, old spellings."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from services.registry.domain.sounds import sounds_of
from services.registry.storage.access import allowed, shown_by_name
from services.registry.storage.tables import beneficiaries as b
from shared.auth import Actor
from shared.database import Tx
from shared.policy import Action, reaches

FITTING: Final = 300
"""How many of those that sound most like the name are looked at in full."""
OWN: Final = 2000
"""How many records from elsewhere that are the caller's own are searched, the newest."""
_OWN_SQL: Final = """
    select id from (
        select id, area from beneficiaries where registered_by = $1
        union select id, area from beneficiaries where granted_to @> array[$1]
    ) own
    where not (area >= $2 and area < $3) order by id desc limit $4
"""
_SOUNDING_SQL: Final = """
    select s.beneficiary_id, s.likeness
    from unnest($2::text[]) place (code), sounding_like($1, code, '{}', $4) s
    union select s.beneficiary_id, s.likeness from sounding_like($1, null, $3, $4) s
    where cardinality($3::uuid[]) > 0
    order by 2 desc, 1 limit $4
"""


async def sounding_like(tx: Tx, actor: Actor, name: str, area: str | None) -> dict[UUID, float]:
    """Ids of records whose names sound like this one, and how well they fit, 0 to 1.

    Only a first sieve: it looks in the areas of the caller's duties within `area` and among the
    caller's own records elsewhere, and knows nothing else of who may see them.
    """
    words = sorted(dict.fromkeys(sounds_of(name)), key=len, reverse=True)
    scope = actor.row_scope()
    own = await tx.fetch(_OWN_SQL, actor.id, scope.area_from, scope.area_to, OWN)
    places = _places(actor, area)
    rows = await tx.fetch(_SOUNDING_SQL, words, places, [row["id"] for row in own], FITTING)
    return {row["beneficiary_id"]: row["likeness"] for row in rows}


def shown_among(actor: Actor, ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """Those of the ids that a list shows the caller by name."""
    return sa.and_(b.c.id.in_(ids), allowed(actor, Action.BENEFICIARY_READ), shown_by_name(actor))


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
