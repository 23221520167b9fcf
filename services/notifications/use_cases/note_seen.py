"""A receiver opened a referral: the ledger shows it to the sender."""

from services.notifications.channels import IN_APP
from services.notifications.storage import notices
from services.notifications.use_cases.tell_people import tell_people
from shared.contracts.cases import ReferralSeen
from shared.contracts.envelope import Event
from shared.database import Tx


async def note_seen(event: Event, tx: Tx) -> None:
    """Mark what the receiver was told about this referral as opened."""
    state: ReferralSeen = event.data
    assert state.actor_id is not None, "the clock opens nothing"
    await tell_people(event, tx)
    await notices.open_of_referral(
        tx,
        recipient_id=state.actor_id,
        channel=IN_APP.name,
        referral_id=state.referral_id,
    )
