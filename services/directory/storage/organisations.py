"""Organisations: the bodies some duties are held within."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.database import Tx

_PUT_SQL: Final = """
    insert into organisations (id, name, pillar, area)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
    on conflict (id) do update set
        name = excluded.name, pillar = excluded.pillar, area = excluded.area
"""
_KNOWN_SQL: Final = "select exists (select 1 from organisations where id = $1)"


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation and the area it serves."""

    id: UUID
    name: str
    pillar: str
    area: str


async def put(tx: Tx, organisations: Sequence[Organisation]) -> None:
    """Add organisations, or change those with the same id."""
    await tx.fetch(
        _PUT_SQL,
        [organisation.id for organisation in organisations],
        [organisation.name for organisation in organisations],
        [organisation.pillar for organisation in organisations],
        [organisation.area for organisation in organisations],
    )


async def is_known(tx: Tx, organisation_id: UUID) -> bool:
    """Whether there is an organisation with this id."""
    return bool(await tx.fetchval(_KNOWN_SQL, organisation_id))
