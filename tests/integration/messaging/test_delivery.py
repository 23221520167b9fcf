"""Events reach their effect once, whatever happens to Redis on the way."""

import asyncio
import uuid
from collections import Counter

import orjson
import pytest

from shared.messaging import consumer as consuming
from shared.messaging.consumer import WATCH_SECONDS
from tests.fixtures.invariants import is_behind
from tests.fixtures.processes import until
from tests.integration.messaging.conftest import STREAM, Backbone, running


async def all_applied(backbone: Backbone) -> bool:
    return sorted(await backbone.applied()) == sorted(await backbone.logged())


async def test_a_committed_event_has_its_effect_once(backbone: Backbone) -> None:
    async with running(backbone.relay(), backbone.consumer_of()):
        await backbone.state(50)
        await until(lambda: all_applied(backbone), 10)


async def test_what_was_said_before_the_consumer_first_started_counts_too(
    backbone: Backbone,
) -> None:
    await backbone.state(20)
    async with running(backbone.relay()):

        async def published() -> bool:
            return bool(await backbone.redis.xlen(STREAM) == 20)

        await until(published)
    async with running(backbone.consumer_of()):
        await until(lambda: all_applied(backbone), 10)


async def test_f23_every_event_ten_times_has_one_effect(backbone: Backbone) -> None:
    await backbone.state(30)
    for raw in await backbone.raw() * 10:
        await backbone.redis.xadd(STREAM, {"e": raw})
    async with running(backbone.consumer_of()):

        async def read_all() -> bool:
            groups = await backbone.redis.xinfo_groups(STREAM)
            return bool(groups) and not await is_behind(backbone.redis, STREAM, groups[0])

        await until(read_all, 15)
    assert max(Counter(await backbone.applied()).values()) == 1
    assert await all_applied(backbone)


async def test_f09_events_lost_with_redis_are_sent_again(backbone: Backbone) -> None:
    async with running(backbone.relay()):
        await backbone.state(1000)

        async def published() -> bool:
            return bool(await backbone.redis.xlen(STREAM) == 1000)

        await until(published)
    backbone.stack.valkey.kill()
    backbone.stack.valkey.wipe()
    backbone.stack.valkey.start()
    backbone.stack.valkey.wait_ready()
    assert await backbone.redis.exists(STREAM) == 0
    async with running(backbone.relay(), backbone.consumer_of()):
        await until(lambda: all_applied(backbone), 60)


async def test_f09_control_without_the_loss_check_the_events_stay_lost(backbone: Backbone) -> None:
    relay = backbone.relay(check_loss=False)
    await backbone.state(100)
    assert await relay.round() == 100
    await backbone.redis.flushall()
    assert await relay.round() == 0
    checking = backbone.relay()
    assert await checking.round() == 100


async def test_f10_a_wiped_redis_heals_while_running(backbone: Backbone) -> None:
    async with running(backbone.relay(), backbone.consumer_of()):
        await backbone.state(20)
        await until(lambda: all_applied(backbone), 10)
        await backbone.redis.flushall()
        await backbone.state(20)
        await until(lambda: all_applied(backbone), 20)


async def test_f11_a_destroyed_group_a_deleted_stream_and_a_wrong_type_heal(
    backbone: Backbone,
) -> None:
    consumer = backbone.consumer_of()
    async with running(backbone.relay(), consumer):
        await backbone.state(5)
        await until(lambda: all_applied(backbone), 10)
        await backbone.redis.xgroup_destroy(STREAM, "cases")
        await backbone.state(5)
        await until(lambda: all_applied(backbone), 20)
        await backbone.redis.delete(STREAM)
        await backbone.state(5)
        await until(lambda: all_applied(backbone), 20)
        await backbone.redis.delete(STREAM)
        await backbone.redis.set(STREAM, "not a stream")

        async def unhealthy() -> bool:
            return not all((await consumer.checks()).values())

        await until(unhealthy, 15)

        (claimer,) = (one for key, one in consumer._subscribers.items() if ":claim@" in key)

        async def stopped() -> bool:
            return not claimer.running

        # It spins, and is stopped, or its tasks would grow without end.
        await until(stopped, 15)
        await asyncio.sleep(2 * WATCH_SECONDS)
        assert len(claimer.tasks) <= 1
        await backbone.redis.delete(STREAM)
        await backbone.state(5)
        await until(lambda: all_applied(backbone), 60)

        async def healthy() -> bool:
            return all((await consumer.checks()).values())

        await until(healthy, 40)


async def test_a_consumer_is_well_only_while_each_of_its_readers_runs_and_was_seen(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = backbone.consumer_of()

    async def well() -> bool:
        return all((await consumer.checks()).values())

    assert not any((await consumer.checks()).values()), "it has not begun"
    async with running(backbone.relay(), consumer):
        await backbone.state()
        await until(well)
        # The watchdog, which would start them again, looks no more.
        monkeypatch.setattr(consuming, "WATCH_SECONDS", 60.0)
        await asyncio.sleep(WATCH_SECONDS)
        monkeypatch.setattr(consuming, "READ_AT_LEAST_EVERY_SECONDS", -1.0)
        witnessed = await consumer._keeps_record()
        # Redis tells when a reader last asked; of a claimer it does not.
        assert await consumer.checks() == {
            key: ":claim@" in key or not witnessed for key in consumer._subscribers
        }
        monkeypatch.undo()
        for key, subscriber in consumer._subscribers.items():
            await subscriber.stop()
            assert (await consumer.checks())[key] is False


async def test_f14_writes_go_on_while_redis_is_down_and_arrive_afterwards(
    backbone: Backbone,
) -> None:
    async with running(backbone.relay(), backbone.consumer_of()):
        await backbone.state(5)
        await until(lambda: all_applied(backbone), 10)
        backbone.stack.valkey.kill()
        assert not backbone.stack.valkey.is_running
        await backbone.state(50)
        assert len(await backbone.applied()) == 5
        backbone.stack.valkey.start()
        backbone.stack.valkey.wait_ready()
        await until(lambda: all_applied(backbone), 30)


async def test_f16_a_crashed_database_is_waited_out(backbone: Backbone) -> None:
    async with running(backbone.relay(), backbone.consumer_of()):
        await backbone.state(5)
        await until(lambda: all_applied(backbone), 10)
        backbone.stack.postgres.restart_immediate()
        await backbone.state(50)
        await until(lambda: all_applied(backbone), 30)


async def test_two_relays_send_each_event_once(backbone: Backbone) -> None:
    async with running(backbone.relay(), backbone.relay(), backbone.relay()):
        for _ in range(20):
            await backbone.state(10)

        async def published() -> bool:
            return bool(await backbone.redis.xlen(STREAM) >= 200)

        await until(published, 15)
    ids = [orjson.loads(entry)["id"] for entry in await backbone.sent()]
    assert [uuid.UUID(one) for one in ids] == await backbone.logged()
