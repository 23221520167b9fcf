"""Bring every NIK, No. KK and waiting report under the newest keys."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.registry.storage import key_rotation
from services.registry.storage.field_encryption import NikVault
from shared.database import Database

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many records a run turned, and how many are still under older keys after it."""

    turned: int
    left: int


async def rotate_keys(
    *,
    database: Database,
    vault: NikVault,
    begun: Callable[[int], None],
    advanced: Callable[[int], None],
    batch: int,
) -> Rotation:
    """Turn what is left, each batch in a transaction of its own; may stop and begin anywhere.

    `begun` hears how many records there are to turn, `advanced` how many were turned at a time.
    """
    async with database.transaction() as tx:
        begun(await key_rotation.count_left(tx, vault))
    turned = 0
    for turn in (key_rotation.turn_some, key_rotation.turn_reports):
        after: UUID | None = UUID(int=0)
        while after is not None:
            async with database.transaction() as tx:
                some = await turn(tx, vault, after=after, limit=batch)
            turned += some.turned
            after = some.last
            advanced(some.seen)
    async with database.transaction() as tx:
        return Rotation(turned, await key_rotation.count_left(tx, vault))
