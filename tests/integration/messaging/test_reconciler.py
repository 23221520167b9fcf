"""What the stream lost before it was read comes from the publisher's log, Redis or no Redis."""

from datetime import timedelta

import pytest

from shared.messaging.reconciler import PORTION, WINDOW
from tests.fixtures.messengers import POOL, STREAM, Messengers
from tests.fixtures.processes import until


@pytest.fixture
async def publisher(messengers: Messengers) -> Messengers:
    """Messengers with what a reconciler asks: the log of cases, and tokens of directory."""
    apis = [messengers.api("directory"), messengers.api("cases")]
    for api in apis:
        api.start()
    for api in apis:
        await api.wait_ready()
    return messengers


async def all_told(messengers: Messengers) -> bool:
    return await messengers.missing() == []


async def test_f15_what_was_trimmed_away_unread_is_pulled_from_the_log(
    publisher: Messengers,
) -> None:
    publisher.worker("cases").start()
    await publisher.say(30)
    await until(publisher.published)
    await publisher.redis.xtrim(STREAM, maxlen=0, approximate=False)

    listener = publisher.worker("notifications")
    listener.start()
    await publisher.say(1)

    async def heard_what_came_later() -> bool:
        return await publisher.notices() == POOL

    await until(heard_what_came_later, 15, publisher.logs)
    assert len(await publisher.missing()) == 30 * POOL + 30
    listener.stop()

    listener.start(NOTIFICATIONS_RECONCILE_SECONDS="1")
    await until(lambda: all_told(publisher), 15, publisher.logs)
    assert await publisher.notices() == 31 * POOL


async def test_each_hour_of_three_days_is_compared_and_none_before(publisher: Messengers) -> None:
    hour = timedelta(hours=1)
    ages = [age * hour for age in range(WINDOW // hour)]
    assert len(ages) > 2 * (WINDOW // PORTION)
    for age in ages:
        await publisher.say(1, ago=age)
    publisher.worker("notifications", RECONCILE_SECONDS="1").start()
    await until(lambda: all_told(publisher), 15, publisher.logs)
    assert await publisher.notices() == len(ages) * POOL

    await publisher.say(1, ago=WINDOW + hour)
    await publisher.say(1)

    async def heard_what_came_later() -> bool:
        return await publisher.notices() == (len(ages) + 1) * POOL

    await until(heard_what_came_later, 15, publisher.logs)
    assert len(await publisher.missing()) == POOL + 1


async def test_with_redis_off_events_still_arrive_through_the_reconciler(
    publisher: Messengers,
) -> None:
    valkey = publisher.stack.valkey
    valkey.kill()
    try:
        publisher.worker("cases").start()
        publisher.worker("notifications", RECONCILE_SECONDS="1").start()
        await publisher.say(20)
        await until(lambda: all_told(publisher), 15, publisher.logs)
        assert not await publisher.published()
        assert not valkey.is_running
    finally:
        valkey.start()
        valkey.wait_ready()
    # What is sent once Redis is back was heard already.
    await publisher.settled(30)
    assert await publisher.notices() == 20 * POOL
