"""A worker reads one notice."""

from uuid import UUID

from services.notifications.channels import IN_APP
from services.notifications.storage import notices
from services.notifications.storage.notices import Notice
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def read_notice(notice_id: UUID, *, tx: Tx, actor: Actor) -> Notice:
    """Mark the caller's notice read; raises `NotFound` for anybody else's."""
    notice = await notices.open_one(
        tx, recipient_id=actor.id, channel=IN_APP.name, notice_id=notice_id
    )
    if notice is None:
        raise NotFound
    return notice
