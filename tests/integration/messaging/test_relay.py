"""The relay sends all that was committed, however late, and whatever Redis forgets meanwhile."""

import uuid

import psutil
import pytest

from shared.messaging import relay as relay_module
from shared.messaging.event_log import Fact, append
from tests.fixtures.messengers import Messengers
from tests.fixtures.processes import until
from tests.integration.messaging.conftest import Backbone, fact, running
from tests.integration.messaging.test_delivery import all_applied


async def test_a_transaction_that_commits_late_is_sent_though_later_numbers_went_before(
    backbone: Backbone,
) -> None:
    relay = backbone.relay()
    async with backbone.producer.transaction() as slow:
        subject = uuid.uuid4()
        await append(slow, [Fact(subject, 1, fact(subject))])
        await backbone.state(3)
        assert await relay.round() == 3
        assert await relay.round() == 0
    assert await relay.round() == 1
    sent = await backbone.sent()
    in_order_of_number = await backbone.raw()
    assert sorted(sent) == sorted(in_order_of_number)
    assert sent != in_order_of_number, "the late one had the first number"


async def test_f05_relays_that_lost_their_lock_still_give_each_event_its_effect_once(
    backbone: Backbone,
) -> None:
    relays = [backbone.relay(lock=False) for _ in range(3)]
    async with running(*relays, backbone.consumer_of()):
        for _ in range(20):
            await backbone.state(10)
        await until(lambda: all_applied(backbone), 20)


async def test_however_much_was_lost_is_made_ready_by_portions_and_sent_in_order(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it in one statement would be cut for its length, in each round again."""
    monkeypatch.setattr(relay_module, "REARMED_AT_ONCE", 3)
    await backbone.state(10)
    assert await backbone.relay().round() == 10
    await backbone.redis.flushall()
    relay = backbone.relay()
    assert [await relay.round() for _ in range(2)] == [3, 3]
    # Another relay may go on at any time; what is said meanwhile waits for its turn.
    await backbone.state(1)
    assert await backbone.sent() == []
    assert [await backbone.relay().round() for _ in range(3)] == [3, 11, 0]
    assert await backbone.sent() == await backbone.raw()


async def test_a_wipe_between_the_look_at_the_mark_and_the_sending_is_noticed(
    messengers: Messengers,
) -> None:
    """INVARIANT: otherwise the new mark hides that everything before it is gone."""
    relay = messengers.worker("cases")
    relay.start()
    await relay.wait_ready()
    await messengers.say(20)
    await until(messengers.published)
    relay.kill()

    relay.start(SINERGI_FAILPOINT="relay.before_xadd:stall@1")
    await messengers.say(1)

    async def stopped() -> bool:
        return psutil.Process(relay.pid).status() == psutil.STATUS_STOPPED

    await until(stopped, 15, messengers.logs)
    await messengers.redis.flushall()
    relay.go_on()
    messengers.worker("notifications").start()
    await messengers.settled()
