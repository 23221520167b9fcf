"""Pairs of records of which a worker has said that they are two people."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from shared.auth import Actor
from shared.database import Tx

_ADD_SQL: Final = """
    insert into different_people (one_id, other_id, said_by, said_at)
    values (least($1::uuid, $2::uuid), greatest($1::uuid, $2::uuid), $3, $4)
    on conflict do nothing returning true
"""
_KNOWN_SQL: Final = """
    select one_id, other_id from different_people where one_id = any($1)
    union all
    select other_id, one_id from different_people where other_id = any($1)
"""


async def add(tx: Tx, actor: Actor, one: UUID, other: UUID) -> bool:
    """Remember the pair for good; False when it was known."""
    return bool(await tx.fetchval(_ADD_SQL, one, other, actor.id, tx.now))


async def known(tx: Tx, ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """The pairs of which one of these is the first."""
    if not ids:
        return set()
    rows = await tx.fetch(_KNOWN_SQL, list(ids))
    return {(row["one_id"], row["other_id"]) for row in rows}
