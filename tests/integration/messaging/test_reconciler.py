"""What the stream lost before it was read comes from the publisher's log, Redis or no Redis."""

import json
import uuid
from datetime import timedelta

import pytest

from shared.clock import utc_now
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


@pytest.mark.parametrize("is_discarded", [False, True])
async def test_a_dead_letter_is_left_to_the_person_who_decides_about_it(
    *, publisher: Messengers, is_discarded: bool
) -> None:
    """INVARIANT: what killed a process is not brought to it again every five minutes."""
    await publisher.say(3)
    owner = publisher.owner
    dead = await owner.fetchval("select id from cases.event_log order by seq limit 1")
    await owner.execute(
        "insert into notifications.dead_letters"
        " (id, stream, entry_id, event_id, raw, error, deliveries, replayed_at)"
        " values ($1, $2, '1-1', $3, '', 'no answer after five deliveries', 6, $4)",
        uuid.uuid4(), STREAM, dead, utc_now() if is_discarded else None,
    )  # fmt: skip
    listener = publisher.worker("notifications", RECONCILE_SECONDS="0.2")
    listener.start()
    await until(lambda: told(publisher, 2), 15, publisher.logs)
    # It went round again since, and found nothing to do.
    await publisher.say(1)
    await until(lambda: told(publisher, 3), 15, publisher.logs)
    heard = await owner.fetch("select event_id from notifications.inbox")
    assert dead not in {row["event_id"] for row in heard}
    assert await owner.fetchval("select count(*) from notifications.dead_letters") == 1

    async def counted_as_healed() -> bool:
        lines = listener.log.read_text().splitlines()
        pulled: list[int] = [json.loads(line)["pulled"] for line in lines if '"reconciled"' in line]
        return sum(pulled) == len(heard)

    await until(counted_as_healed, 15, publisher.logs)


async def told(messengers: Messengers, referrals: int) -> bool:
    return await messengers.notices() == referrals * POOL
