"""What no promise needs any more is deleted, however much of it there is; all else stays."""

import uuid

import pytest

from shared.database import Database
from shared.messaging import housekeeping
from shared.messaging.housekeeping import INBOX_DAYS, KEY_DAYS, Housekeeping
from tests.integration.messaging.conftest import Backbone

HEARD_SQL = """
    insert into inbox (event_id, source, type, event_time)
    select gen_random_uuid(), '/sinergi/registry', 'any', now() - make_interval(hours => $1)
    from generate_series(1, $2)
"""
ASKED_SQL = """
    insert into idempotency_keys (actor_id, key, fingerprint, at)
    select $3, gen_random_uuid()::text, '', now() - make_interval(hours => $1)
    from generate_series(1, $2)
"""


async def left(database: Database) -> tuple[int, int]:
    async with database.transaction() as tx:
        heard: int = await tx.fetchval("select count(*) from inbox")
        asked: int = await tx.fetchval("select count(*) from idempotency_keys")
    return heard, asked


@pytest.mark.parametrize("portion", [1, 3, 4, 5_000])
async def test_a_sweep_deletes_all_that_is_past_its_time_and_nothing_else(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(housekeeping, "SWEPT_AT_ONCE", portion)
    actor = uuid.uuid4()
    async with backbone.consumer.transaction() as tx:
        for hours, count in ((1, 4), (-1, 3)):
            await tx.fetch(HEARD_SQL, INBOX_DAYS * 24 + hours, count)
            await tx.fetch(ASKED_SQL, KEY_DAYS * 24 + hours, count - 1, actor)
    assert await left(backbone.consumer) == (7, 5)
    await Housekeeping("cases", backbone.consumer, backbone.redis, []).sweep()
    assert await left(backbone.consumer) == (3, 2)
