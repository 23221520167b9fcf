"""A worker has opened a referral, and with it all that was told of it."""

from uuid import UUID

from services.notifications.channels import IN_APP
from services.notifications.storage import notices
from shared.auth import Actor
from shared.database import Tx


async def read_notices_of_referral(referral_id: UUID, *, tx: Tx, actor: Actor) -> int:
    """Mark the caller's notices of a referral read; returns how many were not.

    A referral of which the caller was told nothing has none: whether it exists is not said.
    """
    return await notices.open_of_referral(
        tx, recipient_id=actor.id, channel=IN_APP.name, referral_id=referral_id
    )
