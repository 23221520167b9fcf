"""Many deadlines due at once: two sweepers against the same writes as bare statements."""

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

import asyncpg

from bench.sweepers import running_sweepers
from bench.world import World
from services.cases.storage import known
from services.cases.use_cases.ring_alarms import BATCH
from shared.contracts.codes import Role
from shared.contracts.directory import DutyState, WorkerJoined
from shared.database import Database
from tests.integration.cases.seeding import multiply, put

DUE: Final = 5_000
SWEEPERS: Final = 2
TURNS: Final = 3
SUPERIORS: Final = (
    (uuid.uuid4(), "TKSK", Role.COORDINATOR),
    (uuid.uuid4(), "DINSOS", Role.DINSOS),
)
_NAMES_SQL: Final = """
    select array_agg(column_name::text) from information_schema.columns
    where table_schema = 'cases' and table_name = 'referrals' and is_generated = 'NEVER'
"""
_DUE_CTE: Final = """
    due as (
        select id from floor.referrals where alarm_at <= now()
        order by alarm_at limit $1 for update skip locked
    )
"""
_AS_TOLD: Final = """
    convert_to(json_build_object('referral_id', id, 'case_id', case_id, 'status', status,
        'pillar', pillar, 'area', area, 'pool', pool, 'reply_by', reply_by,
        'act_by', act_by, 'close_by', close_by)::text, 'utf8')
"""


@dataclass(frozen=True, slots=True)
class Wave:
    """What is due at once."""

    miss_sql: str
    """Makes all deadlines of a schema due."""
    counts_sql: str
    """Numbers that are all `DUE` when each rang once."""
    floor_sql: str
    """The writes of one batch; how many rang."""
    replaced: Mapping[str, str]
    """Columns that a referral has otherwise than the one whose place it takes."""


RUNG: Final = Wave(
    # Half of them missed the reply, and half of the time to reply is gone of the others.
    """
    update {schema}.referrals r set reply_by = due.at, due_at = due.at, alarm_at = now(),
        rung_until = now() - interval '1 hour'
    from (select id, now() + case when mod(hashtext(id::text), 2) = 0 then interval '0'
                                  else reply_limit / 2 end as at
          from {schema}.referrals) due
    where due.id = r.id
    """,
    """
    select count(*), count(distinct subject) from cases.event_log
    where type like '%referral.escalated%' or type like '%referral.reminded%'
    """,
    f"""
    with {_DUE_CTE},
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
               {_AS_TOLD}
        from rung
    )
    select count(*) from rung
    """,  # noqa: S608 - fixed text
    {},
)
REROUTED: Final = Wave(
    # The last escalation of all of them is over.
    """
    update {schema}.referrals set reply_by = now() - 2 * reply_limit,
        due_at = now() - 2 * reply_limit, alarm_at = now(), escalation_level = 2,
        rung_until = now() - interval '1 minute'
    """,
    """
    select count(*) filter (where type like '%referral.escalated%'),
           count(*) filter (where type like '%referral.rerouted%'),
           count(distinct subject) filter (where type like '%referral.rerouted%'),
           (select count(*) from cases.referrals where rerouted_from is not null),
           (select count(distinct rerouted_from) from cases.referrals),
           (select count(*) from cases.referral_steps s join cases.referrals r
                on r.id = s.referral_id where s.verb = 'send' and r.rerouted_from is not null)
    from cases.event_log
    """,
    f"""
    with {_DUE_CTE},
    ended as (
        update floor.referrals r set version = version + 2, status = 'rerouted',
            escalation_level = 3, ended_at = now(), reply_by = null, act_by = null,
            close_by = null, due_at = null, alarm_at = null, rung_until = null
        from due where r.id = due.id returning r.*
    ),
    made as (insert into floor.referrals ({{names}}) select {{values}} from ended returning *),
    said as (
        select *, 'escalate' as verb, version - 1 as at, 'escalated' as kind from ended
        union all select *, 'reroute', version, 'rerouted' from ended
        union all select *, 'send', version, 'sent' from made
    ),
    steps as (
        insert into floor.referral_steps (referral_id, version, verb, status, at, occurred_at)
        select id, at, verb, status, now(), now() from said
    ),
    events as (
        insert into floor.event_log (id, type, subject, version, time, data)
        select gen_random_uuid(), 'id.sinergi.cases.referral.' || kind || '.v1', id, at, now(),
               {_AS_TOLD}
        from said
    )
    select count(*) from ended
    """,  # noqa: S608 - fixed text
    {
        "id": "gen_random_uuid()",
        "version": "1",
        "status": "'sent'",
        "pillar": "'DINSOS'",
        "area": "'35.08'",
        "rerouted_from": "id",
        "escalation_level": "0",
        "ended_at": "null",
        "sent_at": "now()",
        "reply_by": "now() + reply_limit",
        "act_by": "now() + act_limit",
        "close_by": "now() + close_limit",
        "due_at": "now() + reply_limit",
        "alarm_at": "now() + reply_limit / 2",
        "rung_until": "now()",
    },
)


def due_at_once(world: World, wave: Wave) -> tuple[float, float]:
    """Seconds until all of the wave have rung, each once: ours and the floor's."""
    url = world.stack.environment["CASES_WORKER_DATABASE_URL"]
    with running_sweepers(url, SWEEPERS) as sweep:
        return asyncio.run(_due_at_once(world, wave, url, sweep))


async def _due_at_once(
    world: World, wave: Wave, url: str, sweep: Callable[[], None]
) -> tuple[float, float]:
    owner = await asyncpg.connect(world.stack.owner_url)
    database = Database(url, pool_size=1)
    await _employ_superiors(database)
    names: list[str] = await owner.fetchval(_NAMES_SQL)
    floor_sql = wave.floor_sql.format(
        names=", ".join(names), values=", ".join(wave.replaced.get(name, name) for name in names)
    )
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(TURNS):
        await _send_again(world, owner, database, names)
        for schema in ("cases", "floor"):
            await owner.execute(wave.miss_sql.format(schema=schema))
            await owner.execute(f"vacuum analyze {schema}.referrals")
        started = time.perf_counter()
        while await _left(owner, "cases"):
            sweep()
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        await asyncio.gather(*(_floor_sweeper(world, floor_sql) for _ in range(SWEEPERS)))
        floor.append(time.perf_counter() - started)
        rung = tuple(await owner.fetchrow(wave.counts_sql))
        if set(rung) != {DUE} or await _left(owner, "floor"):
            raise RuntimeError(f"{rung} were counted for {DUE} deadlines")
    await _clear(owner)
    await database.close()
    await owner.close()
    return median(ours), median(floor)


async def _send_again(
    world: World, owner: asyncpg.Connection, database: Database, names: list[str]
) -> None:
    """New referrals, the same in both schemas, and nothing said of them but that of the first."""
    await _clear(owner)
    await multiply(owner, await put(database, world.psm, pool=(world.tksk.id,)), DUE)
    columns = ", ".join(names)
    await owner.execute("insert into floor.cases select * from cases.cases on conflict do nothing")
    await owner.execute(
        f"insert into floor.referrals ({columns}) select {columns} from cases.referrals"  # noqa: S608 - our own names
    )


async def _clear(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "truncate cases.referrals, cases.event_log, cases.open_changes, floor.referrals cascade"
    )


async def _employ_superiors(database: Database) -> None:
    """A coordinator of the pillar and a Dinsos, who are told of what was missed."""
    async with database.transaction() as tx:
        for worker_id, pillar, role in SUPERIORS:
            duty = DutyState(
                duty_id=uuid.uuid4(),
                pillar=pillar,
                area="35.08",
                role=role,
                starts_on=date(2020, 1, 1),
            )
            state = WorkerJoined(worker_id=worker_id, active=True, duties=[duty])
            await known.remember_worker(tx, state, 1)


async def _left(owner: asyncpg.Connection, schema: str) -> int:
    left: int = await owner.fetchval(
        f"select count(*) from {schema}.referrals where alarm_at <= now()"  # noqa: S608 - our own schema names
    )
    return left


async def _floor_sweeper(world: World, sql: str) -> None:
    connection = await asyncpg.connect(world.stack.owner_url)
    while await connection.fetchval(sql, BATCH):
        continue
    await connection.close()
