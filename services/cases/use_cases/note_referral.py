"""Add a note to a referral."""

from collections.abc import Sequence
from uuid import UUID

from services.cases.domain.attachments import ATTACH_WITHIN, UnknownAttachment
from services.cases.domain.referral import Referral
from services.cases.storage import attachments, known, referrals
from services.cases.use_cases.access import Act, taken_up
from shared.auth import Actor
from shared.database import Tx


async def note_referral(
    act: Act, *, text: str, attachment_ids: Sequence[UUID] = (), tx: Tx, actor: Actor
) -> Referral:
    """Tell the other side something; the text stays with cases, the event only says that.

    Takes along files the caller has just uploaded; raises `UnknownAttachment` for any other.
    """
    referral, by = await taken_up(tx, actor, act)
    holder = [referral.holder_id] if referral.holder_id else []
    referral.add_note(by, text, await known.stand_ins(tx, holder))
    await referrals.save(tx, referral)
    wanted = set(attachment_ids)
    if wanted:
        taken = await attachments.attach(
            tx,
            list(wanted),
            referral_id=referral.id,
            uploader_id=actor.id,
            step_version=referral.version,
            since=tx.now - ATTACH_WITHIN,
        )
        if taken != len(wanted):
            raise UnknownAttachment(pointer="/attachment_ids")
    return referral
