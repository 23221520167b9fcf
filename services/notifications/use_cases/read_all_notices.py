"""A worker has read everything."""

from services.notifications.channels import IN_APP
from services.notifications.storage import notices
from shared.auth import Actor
from shared.database import Tx


async def read_all_notices(*, tx: Tx, actor: Actor) -> int:
    """Mark all notices of the caller read; returns how many were not."""
    return await notices.open_all(tx, recipient_id=actor.id, channel=IN_APP.name)
