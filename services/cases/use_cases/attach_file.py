"""Upload a picture or document that a later note will take along."""

import hashlib
from uuid import UUID

from services.cases.domain.attachments import Attachment
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import Verb
from services.cases.storage import attachments
from services.cases.storage.cleaning import Cleaned
from services.cases.use_cases.access import Act, taken_up
from shared import audit
from shared.auth import Actor
from shared.contracts.codes import Confidentiality
from shared.database import Tx
from shared.ids import new_id


async def attachable(referral_id: UUID, *, tx: Tx, actor: Actor) -> Referral:
    """The referral; raises what adding a note would: asked before a byte of the file is read."""
    referral, by = await taken_up(tx, actor, Act(referral_id))
    referral.require_allowed(Verb.NOTE, by)
    return referral


async def attach_file(referral_id: UUID, cleaned: Cleaned, *, tx: Tx, actor: Actor) -> Attachment:
    """Write down a cleaned file that waits for its note; the caller puts its bytes away.

    A C3 referral's has no thumbnail, so no list can ever show one.
    """
    referral = await attachable(referral_id, tx=tx, actor=actor)
    listed = referral.confidentiality is not Confidentiality.C3
    one = Attachment(
        id=new_id(),
        referral_id=referral_id,
        uploader_id=actor.id,
        media_type=cleaned.media_type,
        size=len(cleaned.content),
        sha256=hashlib.sha256(cleaned.content).digest(),
        has_thumbnail=listed and cleaned.thumbnail is not None,
        at=tx.now,
    )
    await attachments.add(tx, one)
    await audit.record(tx, actor, "attachment.uploaded", [one.id])
    return one
