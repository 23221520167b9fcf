"""Real message processes, killed or stopped at the worst places."""

import time

import psutil
import pytest

from tests.fixtures.messengers import CLAIM_MS, KILLED, POOL, Messengers
from tests.fixtures.processes import ServiceProcess, until

CLAIM_SECONDS = CLAIM_MS / 1000
FULL_BATCH = 200


async def test_f03_a_relay_killed_after_xadd_repeats_entries_and_no_effect(
    messengers: Messengers,
) -> None:
    relay, listener = messengers.worker("cases"), messengers.worker("notifications")
    await messengers.say(50)
    relay.start(SINERGI_FAILPOINT="relay.after_xadd:kill")
    assert relay.wait_ended() == KILLED
    assert await messengers.entries() == 50
    assert not await messengers.published()

    relay.start()
    listener.start()
    await messengers.settled()
    assert await messengers.entries() == 100
    assert await messengers.notices() == 50 * POOL


async def test_f04_what_a_relay_killed_before_xadd_held_is_sent_by_the_standby_within_two_seconds(
    messengers: Messengers,
) -> None:
    relay, standby = messengers.worker("cases", "0"), messengers.worker("cases", "1")
    relay.start(SINERGI_FAILPOINT="relay.before_xadd:kill")
    standby.start()
    await relay.wait_ready()
    await standby.wait_ready()
    said = 0

    async def sent_or_died() -> bool:
        return await messengers.published() or not relay.is_running

    # Whoever takes the lock first sends: go on until it was the doomed one.
    while relay.is_running and said < 200:
        await messengers.say(1)
        said += 1
        await until(sent_or_died)
    assert relay.wait_ended() == KILLED
    await until(messengers.published, 2)
    assert await messengers.entries() == said


async def test_f06_a_consumer_killed_between_effect_and_acknowledgement_repeats_no_effect(
    messengers: Messengers,
) -> None:
    relay, listener = messengers.worker("cases"), messengers.worker("notifications")
    relay.start()
    await messengers.say(50)
    await until(messengers.published)
    listener.start(SINERGI_FAILPOINT="consumer.before_ack:kill")
    assert listener.wait_ended() == KILLED
    assert await messengers.notices() == 50 * POOL
    assert await messengers.groups()

    listener.start()
    await messengers.settled()
    assert await messengers.notices() == 50 * POOL


async def test_f07_a_batch_half_done_when_its_consumer_dies_is_done_whole_soon_after(
    messengers: Messengers,
) -> None:
    relay, listener = messengers.worker("cases"), messengers.worker("notifications")
    relay.start()
    await messengers.say(FULL_BATCH)
    await until(messengers.published)
    listener.start(SINERGI_FAILPOINT="consumer.mid_batch:kill")
    assert listener.wait_ended() == KILLED
    assert await messengers.pending_of("notifications-0") == FULL_BATCH
    assert await messengers.notices() == 0

    listener.start()
    await listener.wait_ready()
    back = time.monotonic()
    await messengers.settled()
    assert time.monotonic() - back < CLAIM_SECONDS + 5
    assert await messengers.notices() == FULL_BATCH * POOL


async def stopped_holding(messengers: Messengers, place: str, count: int) -> ServiceProcess:
    """A consumer that stopped at this place with all entries in its hands."""
    zombie = messengers.worker("notifications", "0")
    messengers.worker("cases").start()
    await messengers.say(count)
    await until(messengers.published)
    zombie.start(SINERGI_FAILPOINT=f"{place}:stall@1")

    async def stopped() -> bool:
        return psutil.Process(zombie.pid).status() == psutil.STATUS_STOPPED

    await until(stopped, 15, messengers.logs)
    assert await messengers.pending_of("notifications-0") == count
    return zombie


async def wake(zombie: ServiceProcess, messengers: Messengers, count: int) -> None:
    """Let it go on with what it held, and see that it also takes part again."""
    zombie.go_on()
    await zombie.wait_ready()
    await messengers.say(10)
    await messengers.settled(30)
    assert await messengers.notices() == (count + 10) * POOL


async def test_f08_a_consumer_stopped_before_it_acknowledges_wakes_without_a_second_effect(
    messengers: Messengers,
) -> None:
    zombie = await stopped_holding(messengers, "consumer.before_ack", 20)
    messengers.worker("notifications", "1").start()
    await messengers.settled()
    await wake(zombie, messengers, 20)


async def test_f08_a_consumer_stopped_mid_batch_commits_late_and_the_claimer_adds_nothing(
    messengers: Messengers,
) -> None:
    zombie = await stopped_holding(messengers, "consumer.mid_batch", 20)
    messengers.worker("notifications", "1").start()

    async def claimed_by_the_other() -> bool:
        return await messengers.pending_of("notifications-1:claim") > 0

    await until(claimed_by_the_other, 15, messengers.logs)
    assert await messengers.notices() == 0
    await wake(zombie, messengers, 20)


@pytest.mark.slow
async def test_f08_a_consumer_that_stays_stopped_mid_batch_loses_it_to_the_claimer(
    messengers: Messengers,
) -> None:
    zombie = await stopped_holding(messengers, "consumer.mid_batch", 20)
    messengers.worker("notifications", "1").start()
    await messengers.settled(45)
    assert await messengers.notices() == 20 * POOL
    await wake(zombie, messengers, 20)
