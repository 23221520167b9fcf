"""The backbone's figures say what is so: what waits in the log, in the group and among the dead."""

import uuid

import pytest
from prometheus_client import REGISTRY

from shared.messaging import dead_letters
from shared.messaging.housekeeping import Housekeeping
from tests.integration.messaging.conftest import STREAM, Backbone


def figure(name: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(f"sinergi_{name}", labels)
    assert value is not None, name
    return value


async def test_the_oldest_unpublished_event_is_measured_until_the_relay_sent_it(
    backbone: Backbone,
) -> None:
    log = Housekeeping("registry", backbone.producer, backbone.redis, [])
    await backbone.state(3)
    await log.measure()
    assert figure("oldest_unpublished_seconds", service="registry") > 0
    assert await backbone.relay().round() == 3
    await log.measure()
    assert figure("oldest_unpublished_seconds", service="registry") == 0


async def test_unread_and_unacknowledged_entries_and_dead_letters_are_counted(
    backbone: Backbone,
) -> None:
    await backbone.state(5)
    await backbone.relay().round()
    await backbone.redis.xgroup_create(STREAM, "cases", id="0")
    await backbone.redis.xreadgroup("cases", "reader", {STREAM: ">"}, count=2)
    async with backbone.consumer.transaction() as tx:
        await dead_letters.add(
            tx,
            stream=STREAM,
            entry_id="1-1",
            raw=b"{}",
            error="for the count",
            deliveries=5,
            event_id=uuid.uuid4(),
            event_type=None,
        )
    await Housekeeping("cases", backbone.consumer, backbone.redis, [STREAM]).measure()
    labels = {"service": "cases", "stream": STREAM}
    assert figure("group_pending_events", **labels) == 2
    assert figure("group_lag_events", **labels) == 3
    assert figure("dead_letters", service="cases") == 1


@pytest.mark.parametrize("count", [1, 4])
async def test_the_relay_reports_its_lag_and_how_much_it_sent(
    backbone: Backbone, count: int
) -> None:
    relay = backbone.relay()
    before = REGISTRY.get_sample_value("sinergi_relayed_events_total", {"service": "registry"})
    await backbone.state(count)
    await relay.round()
    assert figure("relay_lag_seconds", service="registry") > 0
    assert figure("relayed_events_total", service="registry") == (before or 0) + count
    await relay.round()
    assert figure("relay_lag_seconds", service="registry") == 0
