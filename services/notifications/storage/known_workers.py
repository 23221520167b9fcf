"""Which workers still hold duties, as directory last said."""

from typing import Final
from uuid import UUID

from shared.database import Tx

_STORE_SQL: Final = """
    insert into known_workers as known (worker_id, version, active) values ($1, $2, $3)
    on conflict (worker_id) do update set version = excluded.version, active = excluded.active
    where excluded.version > known.version
"""


async def store(tx: Tx, *, worker_id: UUID, version: int, active: bool) -> None:
    """Note a worker's state unless a newer one is known."""
    await tx.fetch(_STORE_SQL, worker_id, version, active)
