"""The keys under which a worker's device sent registrations, and the record each became."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from shared.auth import Actor
from shared.database import Tx

_TURN_SQL: Final = "select pg_advisory_xact_lock(hashtextextended('batch:' || $1::text, 0))"
_KNOWN_SQL: Final = """
    select key, beneficiary_id from registration_keys where actor_id = $1 and key = any($2)
"""
_KEEP_SQL: Final = """
    insert into registration_keys (actor_id, key, beneficiary_id)
    select $1, * from unnest($2::uuid[], $3::uuid[])
"""


async def known(tx: Tx, actor: Actor, keys: Collection[UUID]) -> dict[UUID, UUID]:
    """The records these keys became before.

    Batches of one worker take turns here until the transaction ends: a batch that is sent again
    while the first is still being served finds what the first has done.
    """
    await tx.fetch(_TURN_SQL, str(actor.id))
    rows = await tx.fetch(_KNOWN_SQL, actor.id, list(keys))
    return {row["key"]: row["beneficiary_id"] for row in rows}


async def keep(tx: Tx, actor: Actor, records: Mapping[UUID, UUID]) -> None:
    """Remember for good which record each key became."""
    await tx.fetch(_KEEP_SQL, actor.id, list(records), list(records.values()))
