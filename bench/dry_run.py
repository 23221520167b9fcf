"""A dry run of changed rules over 10,000 past referrals, by HTTP, as the officer who asks."""

import asyncio
import random
import statistics
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
import asyncpg

from bench.world import DISTRICT, World
from services.cases.storage.past_needs import _SENT_SQL
from shared.auth import Actor, Duty
from shared.contracts.codes import Role
from shared.reference.areas import children
from shared.reference.tables import rows

REFERRALS: Final = 10_000
ROUNDS: Final = 5
KABUPATEN: Final = DISTRICT[:5]
DAYS: Final = 90
CHANGES: Final = [
    {"id": "R026", "pillar": "PSM", "supporting": []},
    {"id": "R015", "act_hours": 12},
    {"id": "R040", "pillar": "PENSOSMAS", "supporting": []},
]

_COLUMNS_SQL: Final = """
    select column_name from information_schema.columns
    where table_schema = 'cases' and table_name = 'referrals' and is_generated = 'NEVER'
      and column_name not in ('id', 'category', 'situation', 'place', 'sent_at')
"""
_SERVE_SQL: Final = """
    with w as (
        insert into cases.known_workers (worker_id, version, active)
        select unnest($1::uuid[]), 1, true
    )
    insert into cases.known_duties (duty_id, worker_id, pillar, area, role, starts_on)
    select gen_random_uuid(), d.worker_id, d.pillar, d.area, 'worker', '2020-01-01'
    from unnest($1::uuid[], $2::text[], $3::text[]) d (worker_id, pillar, area)
"""


def measure(world: World) -> tuple[float, float]:
    """Seconds of a dry run, and of reading the same rows with plain asyncpg."""
    return asyncio.run(_measured(world))


async def _measured(world: World) -> tuple[float, float]:
    connection = await asyncpg.connect(world.stack.owner_url)
    await connection.execute("set search_path = cases, public")
    seeds = await _seed(world, connection)
    try:
        ours = await _ours(world)
        floor = await _floor(connection)
    finally:
        await connection.execute("delete from referrals where id = any($1::uuid[])", seeds[0])
        await connection.execute(
            "delete from known_workers where worker_id = any($1::uuid[])", seeds[1]
        )
        await connection.close()
    return ours, floor


async def _seed(world: World, connection: Any) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Needs of every default rule in every village, and a PSM and Pensosmas for each of these."""
    chance = random.Random(26)
    districts = [code for code, _ in children(KABUPATEN)]
    villages = [code for district in districts for code, _ in children(district)]
    needs = [
        (row["ppks_code"].replace("*", "LUT"), row["situation_code"].replace("*", "UNKNOWN"))
        for row in rows("routing_rules.csv")
    ]
    served = [(pillar, area) for area in villages for pillar in ("PSM", "PENSOSMAS")]
    served += [("TKSK", area) for area in districts] + [("TAGANA", KABUPATEN)] * 30
    workers = [uuid.uuid4() for _ in served]
    await connection.execute(_SERVE_SQL, workers, *map(list, zip(*served, strict=True)))
    headers, body = world.request(0)
    async with aiohttp.ClientSession() as client:
        url = world.stack.url_of("cases") + "/referrals"
        async with client.post(url, headers=headers, json=body) as answer:
            like = uuid.UUID((await answer.json())["referrals"][0]["id"])
    listed = ", ".join(row["column_name"] for row in await connection.fetch(_COLUMNS_SQL))
    ids = [uuid.uuid4() for _ in range(REFERRALS)]
    chosen = [chance.choice(needs) for _ in ids]
    await connection.execute(
        f"""
        insert into referrals (id, category, situation, place, sent_at, {listed})
        select n.id, n.category, n.situation, n.place,
               now() - random() * interval '{DAYS - 1} days', {listed}
        from referrals r, unnest($2::uuid[], $3::text[], $4::text[], $5::text[])
             n (id, category, situation, place)
        where r.id = $1
        """,  # noqa: S608 - our own column names
        like,
        ids,
        [category for category, _ in chosen],
        [situation for _, situation in chosen],
        [chance.choice(villages) for _ in ids],
    )
    await connection.execute("analyze referrals")
    return ids, workers


async def _ours(world: World) -> float:
    officer = Actor(uuid.uuid4(), "worker", (Duty("DINSOS", KABUPATEN, Role.DINSOS),))
    start, end = _period()
    asked = {"rules": CHANGES, "from": start.isoformat(), "to": end.isoformat()}
    headers = {"Authorization": f"Bearer {world.stack.token(officer)}"}
    url = world.stack.url_of("cases") + "/rules/dry-run"
    taken = []
    async with aiohttp.ClientSession(headers=headers) as client:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            async with client.post(url, json=asked) as answer:
                found = await answer.json()
            taken.append(time.perf_counter() - began)
            if found["examined"] < REFERRALS or not found["differing"]:
                raise RuntimeError(f"not the referrals of the bench: {found}")
    return statistics.median(taken)


async def _floor(connection: Any) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await connection.fetch(_SENT_SQL, KABUPATEN, *_period(), 2 * REFERRALS)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _period() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - timedelta(days=DAYS), now + timedelta(hours=1)
