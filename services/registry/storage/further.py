"""What only few records say: other names, disabilities, a point and a size."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import orjson

from services.registry.domain.beneficiary import Particulars
from services.registry.domain.disability import Disability
from services.registry.domain.point import Point
from services.registry.storage import alias_marks
from shared.database import Tx

_SET_SQL: Final = """
    update beneficiaries b
    set aliases = g.aliases, disabilities = g.disabilities, latitude = g.latitude,
        longitude = g.longitude, size = g.size
    from jsonb_to_recordset($1::jsonb) as g (
        id uuid, aliases text[], disabilities text[], latitude float8, longitude float8, size int
    )
    where b.id = g.id
"""


async def put(tx: Tx, records: Iterable[tuple[UUID, Particulars]]) -> None:
    """Store it for these records; those that say nothing of it forget what they said before."""
    records = list(records)
    rows = [
        {
            "id": str(beneficiary_id),
            "aliases": said.aliases,
            "disabilities": said.disabilities,
            "latitude": said.point.latitude if said.point else None,
            "longitude": said.point.longitude if said.point else None,
            "size": said.size,
        }
        for beneficiary_id, said in records
    ]
    if rows:
        await tx.fetch(_SET_SQL, orjson.dumps(rows).decode())
        await alias_marks.put(tx, ((one, said.area, said.aliases) for one, said in records))


def is_said(said: Particulars) -> bool:
    """Whether there is anything of it."""
    return bool(said.aliases or said.disabilities or said.point or said.size)


def of_row(row: Any) -> dict[str, Any]:
    """These fields of `Particulars`, from a row of beneficiaries."""
    return {
        "aliases": tuple(row.aliases),
        "disabilities": tuple(Disability(one) for one in row.disabilities),
        "point": None if row.latitude is None else Point(row.latitude, row.longitude),
        "size": row.size,
    }
