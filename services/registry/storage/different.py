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
# What was said of a record holds for the one it goes on as, on both sides.
_KNOWN_SQL: Final = """
    with own as (
        select asked.id as asked_id, whole.id
        from unnest($1::uuid[]) asked (id)
        cross join lateral (
            select asked.id union all
            select merged_id from merges where remains_id = asked.id and undone_at is null
        ) whole (id)
    ), apart as (
        select asked_id, d.other_id as id from own join different_people d on d.one_id = own.id
        union all
        select asked_id, d.one_id from own join different_people d on d.other_id = own.id
    )
    select apart.asked_id, coalesce(m.remains_id, apart.id) as other_id
    from apart left join merges m on m.merged_id = apart.id and m.undone_at is null
"""


async def add(tx: Tx, actor: Actor, one: UUID, other: UUID) -> bool:
    """Remember the pair for good; False when it was known."""
    return bool(await tx.fetchval(_ADD_SQL, one, other, actor.id, tx.now))


async def known(tx: Tx, ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """The pairs of which one of these is the first, merged records as the ones that remain."""
    if not ids:
        return set()
    rows = await tx.fetch(_KNOWN_SQL, list(ids))
    return {(row["asked_id"], row["other_id"]) for row in rows}
