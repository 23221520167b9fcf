"""Many deadlines due at once: two sweepers against the same writes as bare statements."""

import asyncio
import time
import uuid
from datetime import date
from statistics import median
from typing import Final

import asyncpg

from bench.world import World
from services.cases.storage import known
from services.cases.sweeper import sweeper
from services.cases.use_cases.ring_alarms import BATCH
from shared.contracts.codes import Role
from shared.contracts.directory import DutyState, WorkerJoined
from shared.database import Database
from tests.integration.cases.seeding import multiply, put

DUE: Final = 5_000
SWEEPERS: Final = 2
TURNS: Final = 3
# Half of them missed the reply, and half of the time to reply is gone of the others.
_MISS_SQL: Final = """
    update {schema}.referrals r set reply_by = due.at, due_at = due.at, alarm_at = now(),
        rung_until = now() - interval '1 hour'
    from (select id, now() + case when mod(hashtext(id::text), 2) = 0 then interval '0'
                                  else reply_limit / 2 end as at
          from {schema}.referrals) due
    where due.id = r.id
"""
_RUNG_SQL: Final = """
    select count(*) from cases.event_log
    where type like '%referral.escalated%' or type like '%referral.reminded%'
"""
_FLOOR_SQL: Final = """
    with due as (
        select id from floor.referrals where alarm_at <= now()
        order by alarm_at limit $1 for update skip locked
    ),
    rung as (
        update floor.referrals r set version = version + 1, escalation_level = 1,
            rung_until = now(), alarm_at = now() + interval '2 hours'
        from due where r.id = due.id returning r.*
    ),
    steps as (
        insert into floor.referral_steps (referral_id, version, verb, status, at, occurred_at)
        select id, version, 'escalate', status, now(), now() from rung
    ),
    events as (
        insert into floor.event_log (id, type, subject, version, time, data)
        select gen_random_uuid(), 'id.sinergi.cases.referral.escalated.v1', id, version, now(),
               convert_to(json_build_object('referral_id', id, 'case_id', case_id, 'status', status,
                   'pillar', pillar, 'area', area, 'pool', pool, 'reply_by', reply_by,
                   'act_by', act_by, 'close_by', close_by)::text, 'utf8')
        from rung
    )
    select count(*) from rung
"""


def due_at_once(world: World) -> tuple[float, float]:
    """Seconds until all have rung, each once: ours and the floor's."""
    with world.api_alone():
        return asyncio.run(_due_at_once(world))


async def _due_at_once(world: World) -> tuple[float, float]:
    owner = await asyncpg.connect(world.stack.owner_url)
    url = world.stack.environment["CASES_WORKER_DATABASE_URL"]
    databases = [Database(url, pool_size=1, name=f"sweeper-{one}") for one in range(SWEEPERS)]
    await owner.execute("truncate cases.referrals, floor.referrals cascade")
    await _employ_superiors(databases[0])
    await multiply(owner, await put(databases[0], world.psm, pool=(world.tksk.id,)), DUE)
    names = await owner.fetchval(
        "select string_agg(column_name, ', ') from information_schema.columns"
        " where table_schema = 'cases' and table_name = 'referrals' and is_generated = 'NEVER'"
    )
    await owner.execute("insert into floor.cases select * from cases.cases on conflict do nothing")
    await owner.execute(
        f"insert into floor.referrals ({names}) select {names} from cases.referrals"  # noqa: S608 - our own names
    )
    ours: list[float] = []
    floor: list[float] = []
    for turn in range(1, TURNS + 1):
        for schema in ("cases", "floor"):
            await owner.execute(_MISS_SQL.format(schema=schema))
            await owner.execute(f"vacuum analyze {schema}.referrals")
        started = time.perf_counter()
        while await _left(owner, "cases"):
            await asyncio.gather(*(sweeper(database).go() for database in databases))
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        await asyncio.gather(*(_floor_sweeper(world) for _ in range(SWEEPERS)))
        floor.append(time.perf_counter() - started)
        rung = await owner.fetchval(_RUNG_SQL)
        if rung != DUE * turn or await _left(owner, "floor"):
            raise RuntimeError(f"{rung} alarms rang for {DUE * turn} deadlines")
    for database in databases:
        await database.close()
    await owner.execute("truncate cases.referrals, floor.referrals, cases.event_log cascade")
    await owner.close()
    return median(ours), median(floor)


async def _employ_superiors(database: Database) -> None:
    """A coordinator of the pillar and a Dinsos, who are told of what was missed."""
    async with database.transaction() as tx:
        for pillar, role in (("TKSK", Role.COORDINATOR), ("DINSOS", Role.DINSOS)):
            duty = DutyState(
                duty_id=uuid.uuid4(),
                pillar=pillar,
                area="35.08",
                role=role,
                starts_on=date(2020, 1, 1),
            )
            state = WorkerJoined(worker_id=uuid.uuid4(), active=True, duties=[duty])
            await known.remember_worker(tx, state, 1)


async def _left(owner: asyncpg.Connection, schema: str) -> int:
    left: int = await owner.fetchval(
        f"select count(*) from {schema}.referrals where alarm_at <= now()"  # noqa: S608 - our own schema names
    )
    return left


async def _floor_sweeper(world: World) -> None:
    connection = await asyncpg.connect(world.stack.owner_url)
    while await connection.fetchval(_FLOOR_SQL, BATCH):
        continue
    await connection.close()
