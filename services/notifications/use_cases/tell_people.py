"""A step of a referral was taken: tell those concerned, each once."""

from services.notifications.channels import CHANNELS
from services.notifications.domain.delivery import WORKER_LEFT
from services.notifications.domain.tells import (
    Message,
    group_of,
    messages,
    notice_id_in,
    relieved,
    watchers,
)
from services.notifications.storage import notices, referral_view
from shared.contracts.cases import ReferralState
from shared.contracts.envelope import Event
from shared.contracts.notifications import WorkerUnreachable
from shared.database import Tx
from shared.ids import new_id
from shared.messaging.event_log import Fact, append


async def tell_people(event: Event, tx: Tx) -> None:
    """Give everyone the table names a notice, and refresh the lists that show the referral.

    Of a batch from a disaster site everybody gets one notice, and the ledger a row per referral.
    Those who left get nothing: the ledger and an event say so. An event older than the known
    state still tells people, for it happened, but refreshes no list. What was told to those whom
    an assignment relieves of it is no longer unread. A delivered notice makes no event of its own:
    the ledger already says it, and it would double the load.
    """
    state: ReferralState = event.data
    step = await referral_view.advance(tx, state, event.subjectversion)
    if settled := relieved(state, step.before):
        await notices.settle(tx, recipient_ids=settled, referral_id=state.referral_id)
    wanted = messages(state, step.before)
    reachable = [message for message in wanted if message.recipient_id not in step.gone]
    lists = watchers(state, step.before) if step.is_news else []
    group = group_of(state)
    await notices.write(
        tx,
        state,
        event_id=event.id,
        told_with=group.id if group else event.id,
        ids=[
            notice_id_in(group, message.recipient_id) if group else new_id()
            for message in reachable
        ],
        at=event.time,
        messages=reachable,
        via={channel.name: channel.on_commit for channel in CHANNELS},
        watchers=[worker for worker in lists if worker not in step.gone],
        worklist_item=_worklist_item(state, event.subjectversion),
    )
    if len(reachable) < len(wanted):
        unreachable = [message for message in wanted if message.recipient_id in step.gone]
        await _report(event, state, unreachable, tx)


async def _report(event: Event, state: ReferralState, unreachable: list[Message], tx: Tx) -> None:
    failed = await notices.write_failed(
        tx,
        state,
        event_id=event.id,
        messages=unreachable,
        channels=[channel.name for channel in CHANNELS],
        reason=WORKER_LEFT,
    )
    await append(
        tx,
        [
            Fact(
                notice_id,
                1,
                WorkerUnreachable(worker_id=worker_id, referral_id=state.referral_id),
            )
            for notice_id, worker_id in failed
        ],
    )


def _worklist_item(state: ReferralState, version: int) -> dict[str, object]:
    """What a list needs to redraw one line; category and persons are asked for.

    The sender is not among it: some are protected from those who receive what they reported.
    """
    return {
        "referral_id": state.referral_id,
        "case_id": state.case_id,
        "case_number": state.case_number,
        "status": state.status,
        "version": version,
        "pillar": state.pillar,
        "area": state.area,
        "urgency": state.urgency,
        "confidentiality": state.confidentiality,
        "holder_id": state.holder_id,
        "reply_by": state.reply_by,
        "act_by": state.act_by,
        "close_by": state.close_by,
    }
