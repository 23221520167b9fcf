"""The other names of people as they sound: kept beside their marks, and gone with them."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from services.registry.domain.sounds import sounds_of
from shared.database import Tx

_FORGET_SQL: Final = "delete from alias_marks where beneficiary_id = any($1::uuid[])"
# A restricted record has no mark, and is found by no name until the worker marks it anew.
_PUT_SQL: Final = """
    insert into alias_marks (beneficiary_id, sound, regency, area)
    select a.id, a.sound, left(a.area, 5), a.area
    from unnest($1::uuid[], $2::text[], $3::text[]) as a (id, sound, area)
    join marks m on m.beneficiary_id = a.id
"""


async def put(tx: Tx, records: Iterable[tuple[UUID, str, Iterable[str]]]) -> None:
    """These records, each with its area, are known by these other names and no more."""
    named = [(one, area, list(aliases)) for one, area, aliases in records]
    if not named:
        return
    await tx.fetch(_FORGET_SQL, [one for one, _, _ in named])
    rows = {
        (one, sound, area)
        for one, area, aliases in named
        for alias in aliases
        if (sound := " ".join(sounds_of(alias)))
    }
    if rows:
        await tx.fetch(_PUT_SQL, *(list(column) for column in zip(*sorted(rows), strict=True)))
