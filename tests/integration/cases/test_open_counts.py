"""What a board adds up is what there is, whoever changed it and however often it was folded."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.cases.storage import open_counts
from shared.auth import Actor
from shared.contracts.codes import Role
from shared.database import Database
from tests.conftest import CANDIPURO, LUMAJANG
from tests.integration.cases.conftest import Api, Owner
from tests.integration.cases.seeding import put

Make = Callable[..., Actor]
STATUSES = ("sent", "accepted", "in_progress", "on_hold", "returned", "completed", "recalled")
CELL = "regency, area, pillar, status, urgency, organisation_id"
AGED = "regency, pillar, organisation_id, sent_day"
CHANGES, REFERRALS = (
    f"(select *, date_trunc('day', sent_at, 'Asia/Jakarta') as sent_day from {table}) as {table}"  # noqa: S608 - our own names
    for table in ("open_changes", "referrals")
)
OPEN = "status in ('sent', 'accepted', 'in_progress', 'on_hold', 'returned')"


async def added_up(owner: Owner) -> dict[tuple[Any, ...], tuple[int, int]]:
    """What is kept, of both kinds of cells."""
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    for table, cell in (("open_counts", CELL), ("open_ages", AGED)):
        rows = await owner.fetch(f"""
            select {cell}, sum(open) as open, sum(escalated) as escalated
            from (select {cell}, open, escalated from {table}
                  union all select {cell}, open, escalated from {CHANGES}) both_of_them
            group by {cell} having sum(open) <> 0 or sum(escalated) <> 0
        """)  # noqa: S608 - our own column names
        found |= {tuple(row)[:-2]: (row["open"], row["escalated"]) for row in rows}
    return found


async def counted_now(owner: Owner) -> dict[tuple[Any, ...], tuple[int, int]]:
    """What is there, of both kinds of cells."""
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    for cell in (CELL.replace("area", "district"), AGED):
        rows = await owner.fetch(f"""
            select {cell}, count(*) as open, count(*) filter (where not calm) as escalated
            from {REFERRALS} where {OPEN} group by {cell}
        """)  # noqa: S608 - our own column names
        found |= {tuple(row)[:-2]: (row["open"], row["escalated"]) for row in rows}
    return found


async def fold(worker_db: Database) -> int:
    async with worker_db.transaction() as tx:
        return await open_counts.fold(tx)


@pytest.mark.parametrize("seed", range(4))
async def test_counts_and_changes_add_up_to_what_is_open_after_any_changes(
    seed: int, worker_db: Database, owner: Owner, psm: Actor
) -> None:
    luck = random.Random(seed)  # noqa: S311 - the same changes every time
    ids = [
        await put(worker_db, psm, area=luck.choice((CANDIPURO, "35.08.04", LUMAJANG)))
        for _ in range(12)
    ]
    for _ in range(40):
        change = luck.choice(("status", "level", "pillar", "sent", "fold"))
        one = luck.choice(ids)
        if change == "status":
            await owner.execute(
                "update referrals set status = $2, holder_id = case when $2 in "
                "('accepted', 'in_progress', 'on_hold') then sender_id end where id = $1",
                one,
                luck.choice(STATUSES),
            )
        elif change == "level":
            level = luck.randrange(3)
            await owner.execute(
                "update referrals set escalation_level = $2 where id = $1", one, level
            )
        elif change == "pillar":
            pillar = luck.choice(("PSM", "TKSK"))
            await owner.execute("update referrals set pillar = $2 where id = $1", one, pillar)
        elif change == "sent":
            before = timedelta(days=luck.randrange(3))
            await owner.execute(
                "update referrals set sent_at = now() - $2::interval where id = $1", one, before
            )
        else:
            await fold(worker_db)
        assert await added_up(owner) == await counted_now(owner)
    await fold(worker_db)
    assert await owner.fetchval("select count(*) from open_changes") == 0
    assert await owner.fetchval("select count(*) from open_ages where open = 0") == 0
    assert await added_up(owner) == await counted_now(owner)


async def test_what_a_transaction_undoes_is_not_counted(
    worker_db: Database, owner: Owner, psm: Actor
) -> None:
    referral = await put(worker_db, psm)
    async with owner.transaction():
        await owner.execute("update referrals set status = 'completed' where id = $1", referral)
        assert await added_up(owner) == {}
        await owner.execute("update referrals set status = 'sent' where id = $1", referral)
    assert await added_up(owner) == await counted_now(owner)


async def test_two_folders_at_once_and_changes_meanwhile_count_nothing_twice(
    worker_db: Database, owner: Owner, psm: Actor
) -> None:
    async def folding() -> None:
        for _ in range(30):
            await fold(worker_db)

    async def sending() -> None:
        for _ in range(20):
            await put(worker_db, psm)

    await asyncio.gather(folding(), folding(), sending(), sending())
    await fold(worker_db)
    assert await added_up(owner) == await counted_now(owner)
    # Each stands in a cell of both kinds.
    assert sum(one for one, _ in (await added_up(owner)).values()) == 80


async def test_a_recount_mends_what_was_loaded_past_the_trigger(
    worker_db: Database, owner: Owner, psm: Actor
) -> None:
    await put(worker_db, psm)
    await owner.execute("delete from open_changes")
    await owner.execute("insert into open_ages select regency, 'PSM', null, now(), 5, 1 "
                        "from referrals")  # fmt: skip
    await owner.execute("insert into open_counts select regency, district, 'PSM', status, urgency, "
                        "null, 5, 1 from referrals")  # fmt: skip
    async with worker_db.transaction() as tx:
        await open_counts.recount(tx)
    assert await added_up(owner) == await counted_now(owner)


async def test_a_board_is_right_at_once_and_after_folding(
    api: Api, make_actor: Make, worker_db: Database, owner: Owner, psm: Actor
) -> None:
    dinsos = make_actor("DINSOS", LUMAJANG, Role.DINSOS)
    await put(worker_db, psm)
    late = await put(worker_db, psm)
    await owner.execute(
        "update referrals set due_at = now() - interval '1 hour', escalation_level = 1 "
        "where id = $1",
        late,
    )
    for changes in (4, 0):
        for by in ("status", "pillar", "urgency", "area", "age"):
            body = (await api(dinsos).get("/board", params={"by": by})).json()
            for line in (body["total"], *body["items"]):
                assert (line["open"], line["overdue"], line["escalated"]) == (2, 1, 1), by
            assert len(body["items"]) == 1
        assert await fold(worker_db) == changes
