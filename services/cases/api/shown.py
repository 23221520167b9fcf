"""A referral as its caller may see it."""

from datetime import datetime

from services.cases.api.answers import ReferralOut
from services.cases.domain.flags import Bind, binds
from services.cases.domain.referral import Referral
from services.cases.domain.referral_status import GIVING, Relation
from services.cases.domain.sight import Sight, sight_of
from services.cases.storage import attachments, outside, queries
from services.cases.use_cases.access import may_give_away, relations_of, sight
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.database import Tx


async def shown(tx: Tx, actor: Actor, referral: Referral) -> ReferralOut:
    """The referral with its history and the verbs open to the caller, as far as they may see."""
    relations = relations_of(actor, referral)
    open_to_them = set(referral.allowed_to(relations))
    if await may_give_away(tx, actor, referral):
        open_to_them |= GIVING
    return ReferralOut.of(
        referral,
        now=tx.now,
        allowed=[
            verb
            for verb in referral.allowed_to(relations | {Relation.COORDINATOR})
            if verb in open_to_them
        ],
        steps=await queries.history(tx, referral.id),
        files=await attachments.of_referral(tx, referral.id),
        service=await outside.get(tx, referral.service_id) if referral.service_id else None,
        status_only=await sight(tx, actor, referral) is Sight.STATUS,
        glass_reasons=any(duty.role is Role.DATA_PROTECTION for duty in actor.duties),
        hide_sender=hides_sender(referral, actor),
    )


def just_sent(referral: Referral, actor: Actor, now: datetime) -> ReferralOut:
    """A referral that the caller has just sent; its history is this one step."""
    relations = relations_of(actor, referral)
    return ReferralOut.of(
        referral,
        now=now,
        allowed=referral.allowed_to(relations),
        status_only=sight_of(referral, relations) is Sight.STATUS,
    )


def hides_sender(referral: Referral, actor: Actor) -> bool:
    """Whether the reporter is protected from this caller; coordinators and Dinsos answer for it."""
    knowing = relations_of(actor, referral) & {Relation.SENDER, Relation.COORDINATOR}
    return binds(referral.flags, Bind.HIDE_SENDER) and not knowing
