"""F09 with real processes, and the control that shows the check would notice a loss."""

from collections.abc import AsyncIterator

import pytest

from tests.fixtures.messengers import POOL, Messengers, messengers_on
from tests.fixtures.processes import until
from tests.fixtures.stack import Stack

LOST = 1000


@pytest.fixture
async def messengers(clean: Stack) -> AsyncIterator[Messengers]:
    async with messengers_on(clean) as made:
        yield made


async def lose_what_nobody_read(messengers: Messengers, **relay_settings: str) -> None:
    """A thousand referrals are sent, Valkey loses its disk, and one more is sent."""
    messengers.worker("cases", **relay_settings).start()
    await messengers.say(LOST)
    await until(messengers.published, 15, messengers.logs)
    assert await messengers.entries() == LOST
    valkey = messengers.stack.valkey
    valkey.wipe()
    valkey.start()
    valkey.wait_ready()
    assert await messengers.entries() == 0
    messengers.worker("notifications").start()
    await messengers.say(1)


async def test_f09_what_valkey_lost_before_anybody_read_it_arrives_all_the_same(
    messengers: Messengers,
) -> None:
    await lose_what_nobody_read(messengers)
    await messengers.settled(60)
    assert await messengers.notices() == (LOST + 1) * POOL


async def test_f09_control_without_the_loss_check_the_same_events_are_reported_missing(
    messengers: Messengers,
) -> None:
    await lose_what_nobody_read(messengers, RELAY_CHECK_LOSS="false")

    async def at_rest_with_the_last_one_heard() -> bool:
        return (
            await messengers.notices() == POOL
            and await messengers.published()
            and not await messengers.groups()
        )

    await until(at_rest_with_the_last_one_heard, 20, messengers.logs)
    assert len(await messengers.missing()) == LOST * POOL + LOST
