"""Read an attachment."""

from uuid import UUID

from services.cases.domain.attachments import Attachment
from services.cases.domain.sight import Sight
from services.cases.storage import attachments, referrals
from services.cases.use_cases.access import may_read, sight
from shared import audit
from shared.auth import Actor
from shared.database import Tx
from shared.errors import NotFound


async def read_attachment(attachment_id: UUID, *, tx: Tx, actor: Actor) -> Attachment:
    """The attachment of a note, for those who see all of its referral; the read is audited.

    Raises `NotFound` for everybody else, and while no note has taken it.
    """
    found = await attachments.get(tx, attachment_id)
    if found is None or found.step_version is None:
        raise NotFound
    referral = await referrals.get(tx, found.referral_id)
    if referral is None or not await may_read(tx, actor, referral):
        raise NotFound
    if await sight(tx, actor, referral) is not Sight.FULL:
        raise NotFound
    await audit.record(tx, actor, "attachment.read", [found.id])
    return found
